import Foundation
import RoostTesting

/// `roost dump` against the cluster that the tests of `pg-basebackup` read from too.
struct DumpBed {
    let bed: BaseBackupBed
    let place: Place

    var cluster: ScratchCluster { bed.cluster }

    private static let apart = Result { try BaseBackupBed(in: try ScratchDirectory()) }

    /// With a directory for dumps of its own.
    ///
    /// - Parameter isApart: Whether the cluster is another, where locks and ended sessions hold up no other test.
    static func with<T>(isApart: Bool = false, _ body: (DumpBed) throws -> T) throws -> T {
        let bed = try isApart ? apart.get() : BaseBackupBed.shared()
        return try Place.with { try body(DumpBed(bed: bed, place: $0)) }
    }

    /// The tool, with the programs of some releases in its search path.
    func command(_ arguments: [String], clients: [Int] = [18], environment: [String: String] = [:]) throws -> Command {
        var command = Command(try Tool.roost.path, ["dump"] + arguments)
        command.directory = place.destination
        let programs = try clients.map { try TestHost.serverPrograms(major: $0) }
        command.environment = [
            "PATH": (programs + ["/usr/bin", "/bin"]).joined(separator: ":"), "PGHOST": cluster.socketDirectory,
            "PGUSER": "postgres",
        ].merging(environment) { _, new in new }
        return command
    }

    /// With a cluster of its own, for a test to which every database matters.
    static func withOwnCluster<T>(_ body: (DumpBed) throws -> T) throws -> T {
        try ScratchDirectory.with { try body(DumpBed(bed: BaseBackupBed(in: $0), place: Place(in: $0))) }
    }

    @discardableResult
    func run(_ arguments: String..., clients: [Int] = [18], environment: [String: String] = [:]) throws -> CommandResult
    {
        try command(arguments, clients: clients, environment: environment).run()
    }

    /// A program in the place of `pg_dump`, in a directory for `--bin-dir`.
    func fake(_ script: String) throws -> String {
        let directory = try place.scratch.directory("fake")
        let text = "#!/bin/bash\n[[ $1 != --version ]] || { echo 'pg_dump (PostgreSQL) 99.1'; exit 0; }\n\(script)\n"
        try place.scratch.file("fake/pg_dump", text, mode: 0o755)
        return directory
    }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: place.path(name))[.posixPermissions] as? Int
    }

    /// Runs a body while a table is locked, so that a dump of the database `postgres` waits for it; then ends all sessions.
    func whileLocked(_ body: () throws -> Void) throws {
        let holder = try cluster.program(
            "psql", ["-X", "-q", "-c", "begin; lock table document in access exclusive mode; select pg_sleep(600)"]
        ).start()
        let result = Result {
            try waitUntil("the lock") { try locks("AccessExclusiveLock", granted: true) == 1 }
            try body()
        }
        try endSessions()
        _ = try holder.wait()
        try result.get()
    }

    /// Waits until a dump is held up by the lock.
    func waitUntilHeldUp() throws {
        try waitUntil("a dump that waits") { try locks("AccessShareLock", granted: false) == 1 }
    }

    private func endSessions() throws {
        let others = "from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        try cluster.query("select pg_terminate_backend(pid) \(others)")
        try waitUntil("all sessions to end") { try cluster.value("select count(*) \(others)") == "0" }
    }

    private func locks(_ mode: String, granted: Bool) throws -> Int? {
        Int(
            try cluster.value(
                """
                select count(*) from pg_locks where relation = 'document'::regclass and mode = '\(mode)'
                    and granted = \(granted)
                """))
    }
}
