import Foundation
import RoostTesting
import Testing

/// A stanza of which everything is well: a server that archives, a backup, a crontab and an exporter's file.
struct DoctorBed {
    let stanza: ScratchStanza
    /// What the `crontab` of this bed prints.
    let crontab: String
    /// The command of its line.
    let program: String
    let page: String

    var cluster: ScratchCluster { stanza.cluster }

    static func with(settings: [String] = [], _ body: (DoctorBed) throws -> Void) throws {
        try ScratchStanza.with(
            .init(walSegmentMegabytes: 1), options: .init(.lz4, encrypted: true), archiver: .roost, settings: settings
        ) { stanza in
            try stanza.backup(.roost)
            _ = try stanza.scratch.directory("bin")
            let program = try Tool.directory + "/pg-backup"
            let crontab = try stanza.scratch.file("crontab", "# backups\n00 01 * * * \(program) full\n")
            try stanza.scratch.file("bin/crontab", "#!/bin/bash\n[[ $1 == -l ]] && cat \(crontab)\n", mode: 0o755)
            let bed = DoctorBed(
                stanza: stanza, crontab: crontab, program: program, page: stanza.scratch.path + "/log/roost.prom")
            try stanza.exporter("--textfile", bed.page).run().requireSuccess()
            try bed.expect()
            try body(bed)
        }
    }

    func command(_ arguments: [String]) throws -> Command {
        var command = Command(
            try Tool.roost.path,
            [
                "doctor", "--output=json", "--config", stanza.configuration, "--data", cluster.dataDirectory,
                "--exporter", page,
            ] + arguments)
        command.environment = ["PATH": stanza.scratch.path + "/bin:\(try Tool.directory):/usr/bin:/bin"]
        return command
    }

    /// Asks the doctor, who must find exactly some problems and warnings.
    ///
    /// - Returns: What it says of each part.
    @discardableResult
    func expect(
        problems: Set<String> = [], warnings: Set<String> = [], _ arguments: String...,
        at location: SourceLocation = #_sourceLocation
    ) throws -> [String: String] {
        let found = try findings(arguments)
        #expect(found.problems == problems, "\(found)", sourceLocation: location)
        #expect(found.warnings == warnings, "\(found)", sourceLocation: location)
        let status: Int32 = problems.isEmpty ? (warnings.isEmpty ? 0 : 10) : 20
        #expect(found.status == status, sourceLocation: location)
        return found.told
    }

    struct Findings {
        var status: Int32
        var problems: Set<String>
        var warnings: Set<String>
        /// What is said of each part.
        var told: [String: String]
    }

    func findings(_ arguments: [String] = []) throws -> Findings {
        let result = try command(arguments).run()
        let object = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any]
        guard let facts = object?["facts"] as? [String: Any], let steps = object?["steps"] as? [[String: String]],
            object?["changed"] as? Bool == false, result.standardError == ""
        else { throw TestFailure("\(result)") }
        return Findings(
            status: result.status, problems: Set(facts["problems"] as? [String] ?? ["?"]),
            warnings: Set(facts["warnings"] as? [String] ?? ["?"]),
            told: steps.reduce(into: [:]) { told, step in
                told[step["name"] ?? "", default: ""] += (step["message"] ?? "") + "\n"
            })
    }

    /// Lets the server archive by another command.
    func archive(by command: String) throws {
        try cluster.execute("alter system set archive_command = '\(command)'", "select pg_reload_conf()")
        try waitUntil("the new command") {
            try cluster.value("show archive_command") == command.replacingOccurrences(of: "''", with: "'")
        }
    }

    func archiveAsBefore() throws {
        try cluster.execute("alter system reset archive_command", "select pg_reload_conf()")
        try cluster.archiveCurrentSegment()
        try waitUntil("nothing to wait for the archive") { try stanza.waiting == 0 }
    }

    func shell(_ script: String) throws {
        try Command("/bin/bash", ["-euc", script]).run().requireSuccess()
    }

    func moveRepository(away: Bool) throws {
        let other = stanza.repository + ".away"
        try Command("/bin/mv", away ? [stanza.repository, other] : [other, stanza.repository], as: .root).run()
            .requireSuccess()
    }
}
