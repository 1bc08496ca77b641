import Foundation
import RoostTesting
import Testing

/// The order of syncs, read from a trace of system calls: stricter than any one file system, whose journal may hide a missing sync.
@Suite struct DurabilityTests {
    @Test func `archive-push syncs the segment, its name and the names above it before it ends`() throws {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let stanza = try ScratchStanza(cluster: cluster, in: scratch)
            try stanza.run(.roost, "--no-online", "stanza-create")
            let wal = cluster.dataDirectory + "/pg_wal"
            let segment = try #require(try names(in: wal).first { $0.count == 24 })
            let trace = try trace(stanza, ["archive-push", "\(wal)/\(segment)"])
            #expect(trace.violations == [])
            #expect(trace.pending(below: stanza.repository) == [])
        }
    }

    @Test(
        arguments: TestHost.cases(
            [false, true].flatMap { bundled in ["auto", "fsync"].map { (bundled, $0) } },
            else: [(false, "auto"), (true, "fsync")]))
    func `a backup is durable before backup.info names it`(bundled: Bool, method: String) throws {
        try ScratchDirectory.with { scratch in
            // ext4, where a backup may use syncfs; elsewhere it syncs each file.
            let image = try FileSystemImage(megabytes: 128, in: scratch)
            let repository = image.mountPoint + "/repo"
            try Command("/bin/mkdir", ["-m", "0750", repository]).run().requireSuccess()
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let stanza = try ScratchStanza(
                cluster: cluster,
                in: scratch,
                options: .init(.lz4, bundled: bundled),
                repository: repository
            )
            try useMethod(method, stanza)
            try stanza.run(.roost, "--no-online", "stanza-create")
            for type in ["full", "incr"] {
                // Something has to change between the two.
                try cluster.start()
                try cluster.generateLoad(transactions: 20)
                try cluster.stop()
                let trace = try trace(stanza, ["--no-online", "--type=\(type)", "--no-expire-auto", "backup"]) { path in
                    path == stanza.backupDirectory + "/backup.info" ? stanza.backupDirectory + "/2" : nil
                }
                #expect(trace.violations == [])
                #expect(trace.pending(below: stanza.repository) == [])
            }
        }
    }

    @Test(arguments: TestHost.cases(["auto", "fsync"], else: ["auto"]))
    func `a restore is durable before pg_control gets its name`(method: String) throws {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let stanza = try ScratchStanza(cluster: cluster, in: scratch)
            try useMethod(method, stanza)
            try stanza.run(.roost, "--no-online", "stanza-create")
            try stanza.run(.roost, "--no-online", "--type=full", "backup")
            let image = try FileSystemImage(megabytes: 192, in: scratch)
            let target = image.mountPoint + "/pg"
            try Command("/bin/mkdir", ["-m", "0700", target]).run().requireSuccess()
            let trace = try trace(stanza, ["--pg1-path=\(target)", "--type=none", "restore"]) { path in
                path == target + "/global/pg_control" ? target : nil
            }
            #expect(trace.violations == [])
            #expect(trace.pending(below: target) == [])
        }
    }

    /// Stock has no such option, and always syncs each file.
    private func useMethod(_ method: String, _ stanza: ScratchStanza) throws {
        guard method != "auto" else { return }
        let version = try Command(Tool.roost.path, ["version"]).run().requireSuccess()
        guard version.standardOutput.hasPrefix("Roost") else { return }
        try stanza.appendSection("global:roost", ["fsync-method=\(method)"])
    }

    private func trace(
        _ stanza: ScratchStanza,
        _ arguments: [String],
        before: @escaping (String) -> String? = { _ in nil }
    ) throws -> SyncTrace {
        let output = stanza.scratch.path + "/trace"
        var command = try stanza.command(.roost, arguments)
        command.arguments =
            [
                "-f", "-y", "-s", "400", "-qq", "-o", output, "-e", "trace=\(SyncTrace.calls.joined(separator: ","))",
                command.program,
            ]
            + command.arguments
        command.program = "/usr/bin/strace"
        try command.run().requireSuccess()
        return try SyncTrace(String(decoding: contents(output), as: UTF8.self), before: before)
    }
}

/// What would be lost with the power, by the letter of POSIX: content until its file is synced, a name until its directory is.
struct SyncTrace {
    static let calls = [
        "open", "openat", "creat", "write", "pwrite64", "writev", "ftruncate", "rename", "renameat", "renameat2",
        "mkdir", "mkdirat",
        "unlink", "unlinkat", "rmdir", "symlink", "symlinkat", "fsync", "fdatasync", "syncfs", "copy_file_range",
        "sendfile",
    ]

    private(set) var violations: [String] = []
    private var contents: Set<String> = []
    private var names: Set<String> = []

    /// Follows a trace of `strace -f -y`.
    ///
    /// - Parameter before: For a path that a file is renamed to, the directory below which all must be durable by then.
    init(_ text: String, before: (String) -> String?) throws {
        var unfinished: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            let process = line[..<space]
            var call = line[space...].drop { $0 == " " }
            var whole = String(call)
            if call.hasSuffix("<unfinished ...>") {
                unfinished[process] = String(call.dropLast("<unfinished ...>".count))
                continue
            }
            if call.hasPrefix("<... "), let end = call.range(of: "resumed>") {
                call = call[end.upperBound...]
                whole = (unfinished.removeValue(forKey: process) ?? "") + call
            }
            follow(whole, before)
        }
        guard !text.isEmpty else { throw TestFailure("the trace is empty") }
    }

    /// What a power cut at the end would lose below a directory.
    func pending(below directory: String) -> [String] {
        (contents.map { "content of \($0)" } + names.map { "name \($0)" })
            .filter { $0.contains(" \(directory)/") }.sorted()
    }

    private mutating func follow(_ call: String, _ before: (String) -> String?) {
        guard let match = call.firstMatch(of: /^(\w+)\((.*)\)\s+= (-?\d+)/), match.3 != "-1" else { return }
        let arguments = match.2
        // "<...>" after a descriptor is its path; "..." is a path that was given; a directory descriptor makes it absolute.
        let given = arguments.matches(of: /(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"/).map { part in
            part.2.hasPrefix("/") ? String(part.2) : String(part.1 ?? "") + "/" + part.2
        }
        let descriptor = arguments.firstMatch(of: /^\d+<([^>]*)>/).map { String($0.1) }
        switch match.1 {
        case "open", "openat", "creat":
            guard match.1 == "creat" || arguments.contains("O_CREAT") || arguments.contains("O_TRUNC") else { return }
            // Whether it was there already does not show; then its name is durable, and a sync too many is asked for.
            given.last.map {
                contents.insert($0);
                if !arguments.contains("O_TRUNC") || arguments.contains("O_CREAT") { names.insert($0) }
            }
        case "write", "pwrite64", "writev", "ftruncate":
            if let descriptor { contents.insert(descriptor) }
        case "copy_file_range", "sendfile":
            let targets = arguments.matches(of: /\d+<([^>]*)>/).map { String($0.1) }
            if let target = match.1 == "sendfile" ? targets.first : targets.last { contents.insert(target) }
        case "rename", "renameat", "renameat2":
            guard given.count == 2 else { return }
            if contents.contains(given[0]) { violations.append("\(given[1]) was named before its content was synced") }
            if let directory = before(given[1]) {
                let lost = (contents.union(names)).filter { $0.hasPrefix(directory) && $0 != given[0] }
                violations += lost.sorted().map { "\($0) was not synced before \(given[1]) got its name" }
            }
            if contents.remove(given[0]) != nil { contents.insert(given[1]) }
            names.remove(given[0])
            names.insert(given[1])
        case "mkdir", "mkdirat", "symlink", "symlinkat":
            if let path = given.last { names.insert(path) }
        case "unlink", "unlinkat", "rmdir":
            guard let path = given.last else { return }
            contents.remove(path)
            names.remove(path)
        case "fsync", "fdatasync":
            guard let descriptor else { return }
            contents.remove(descriptor)
            names = names.filter { ($0 as NSString).deletingLastPathComponent != descriptor }
        case "syncfs":
            contents = []
            names = []
        default: break
        }
    }
}
