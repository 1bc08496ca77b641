import Glibc
import RoostSystem
import Testing

/// A PostgreSQL server of the test's own, below a temporary directory, reached by a socket there.
///
/// PostgreSQL refuses to run as root, so as root everything is done as the user `postgres`.
final class ScratchServer: Sendable {
    private let directory: TemporaryDirectory
    private let binaries: String

    /// The directory of the socket, for ``PostgresSession/Settings/host``.
    var host: String { directory.path }
    var dataDirectory: String { "\(directory.path)/data" }

    /// Where the programs of a major version are, if it is installed.
    static func binaries(_ major: String) -> String? {
        ["/usr/lib/postgresql/\(major)/bin", "/var/cache/roost-test/postgresql/\(major)/bin"]
            .first { access("\($0)/initdb", X_OK) == 0 }
    }

    init(_ major: String, settings: [String] = []) throws {
        guard let binaries = Self.binaries(major) else {
            throw RoostError(.fileMissing, "PostgreSQL \(major) is not installed")
        }
        self.binaries = binaries
        directory = try TemporaryDirectory()
        try shell("\(binaries)/initdb -D \(dataDirectory) -U postgres -A trust -N -k", owning: directory.path)
        let options =
            ["listen_addresses=", "unix_socket_directories=\(host)", "fsync=off", "autovacuum=off"] + settings
        let text = options.map { option in
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return "\(parts[0]) = '\(parts[1])'\n"
        }
        try shell("cat >> \(dataDirectory)/postgresql.conf <<'END'\n\(text.joined())END")
        try start()
    }

    deinit {
        try? shell("\(binaries)/pg_ctl -D \(dataDirectory) stop -m immediate")
    }

    func start() throws { try shell("\(binaries)/pg_ctl -D \(dataDirectory) -w -l \(host)/log start") }

    func stop() throws { try shell("\(binaries)/pg_ctl -D \(dataDirectory) -w stop -m immediate") }

    /// Starts anew as a standby that follows nobody.
    func becomeStandby() throws {
        try stop()
        try shell("touch \(dataDirectory)/standby.signal")
        try start()
    }

    /// Runs statements by `psql`, in a session of their own.
    func run(_ sql: String) throws {
        try shell("\(binaries)/psql -h \(host) -U postgres -X -q -v ON_ERROR_STOP=1 postgres <<'END'\n\(sql)\nEND")
    }

    private func shell(_ script: String, owning path: String? = nil) throws {
        var arguments = ["/bin/sh", "-c", "cd / && { \(script)\n} >> \(host)/output 2>&1"]
        if CurrentProcess.isRoot {
            if let path {
                guard let user = AccountNames.userID("postgres"), let group = AccountNames.groupID("postgres") else {
                    throw RoostError(.userMissing, "there is no user 'postgres' to run a server as")
                }
                try FileSystem.setOwner(path, owner: user, group: group)
            }
            arguments = ["/usr/sbin/runuser", "-u", "postgres", "--"] + arguments
        }
        let status = try run(arguments)
        guard status == 0 else {
            let output = (try? FileSystem.read("\(host)/output")) ?? []
            throw RoostError(.execute, "'\(script)' ended with \(status): \(String(decoding: output, as: UTF8.self))")
        }
    }

    private func run(_ arguments: [String]) throws -> Int32 {
        let copies = arguments.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var id = pid_t()
        let failure = posix_spawn(&id, arguments[0], nil, nil, copies + [nil], environ)
        guard failure == 0 else {
            throw RoostError(.execute, "unable to start '\(arguments[0])': \(errorText(failure))")
        }
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 {
            guard errno == EINTR else { throw RoostError(.execute, "waitpid: \(errorText(errno))") }
        }
        return status
    }
}

/// Starts one server for all tests of a suite and stops it after them.
struct ServerForSuite: SuiteTrait, TestScoping {
    let major: String
    let settings: [String]

    @TaskLocal static var current: ScratchServer?

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let server = try ScratchServer(major, settings: settings)
        try await Self.$current.withValue(server) { try await function() }
    }
}

extension Trait where Self == ServerForSuite {
    static func server(_ major: String, settings: [String] = []) -> ServerForSuite {
        ServerForSuite(major: major, settings: settings)
    }
}
