import Foundation

/// A backup program under test: all take the same command line.
package enum Tool: String, Sendable, CaseIterable {
    /// Debian's pgBackRest.
    case stock
    /// Ours under its own name.
    case roost
    /// Ours under upstream's name.
    case dropIn

    /// Where the program is, for the unprivileged account to run.
    package var path: String {
        get throws {
            switch self {
            case .stock: try Self.stockProgram.get()
            case .roost: try Self.ownPrograms.get() + "/roost"
            case .dropIn: try Self.ownPrograms.get() + "/pgbackrest"
            }
        }
    }

    /// Where the programs of ours are, with a link for each of their names.
    package static var directory: String {
        get throws { try ownPrograms.get() }
    }

    /// Both sides of an interoperation in a full run, else the one: other tests of a suite take the other.
    package static func sides(_ one: Tool) -> [Tool] { TestHost.cases([one, one.other], else: [one]) }

    /// The other side of an interoperation.
    package var other: Tool { self == .stock ? .dropIn : .stock }

    private static let stockProgram = Result<String, any Error> {
        let path = TestHost.environment("ROOST_TEST_STOCK") ?? "/usr/bin/pgbackrest"
        guard TestHost.isExecutable(path) else {
            throw TestFailure("\(path) is not installed; run scripts/setup --test")
        }
        return path
    }

    /// A copy outside the build directory, which the unprivileged account cannot enter when it is below root's home.
    private static let ownPrograms = Result<String, any Error> {
        let built = try builtProgram()
        let directory = try ScratchDirectory.processRoot() + "/bin"
        try ScratchDirectory.makeDirectory(directory)
        // By another process: a descriptor open for writing here would be inherited by what other tests start at this moment,
        // and as long as anybody holds it the program is "busy" and cannot be started.
        try Command("/usr/bin/install", ["-m", "0755", built, directory + "/roost"], as: .root).run().requireSuccess()
        for name in ["pb", "pgbackrest", "pg-backup", "pg-basebackup", "pg-fork", "pg-pitr", "pg-role"] {
            try FileManager.default.createSymbolicLink(atPath: directory + "/" + name, withDestinationPath: "roost")
        }
        return directory
    }

    /// `roost` beside the test bundle, so the one of the same build; `ROOST_TEST_BINARY` names another.
    private static func builtProgram() throws -> String {
        if let path = TestHost.environment("ROOST_TEST_BINARY") { return path }
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = (here as NSString).deletingLastPathComponent + "/roost"
        guard TestHost.isExecutable(path) else {
            throw TestFailure("\(path) is missing: 'swift build' makes it; or name one in ROOST_TEST_BINARY")
        }
        return path
    }
}
