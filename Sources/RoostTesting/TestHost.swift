import Foundation

/// What the machine offers to tests: the unprivileged account that owns clusters, and where programs are.
package enum TestHost {
    /// Whether the tests run as root, and so start everything as ``account``.
    package static let isRoot = geteuid() == 0

    /// The account that owns clusters and repositories: PostgreSQL refuses root.
    package static let account: String = isRoot ? "postgres" : NSUserName()

    /// Below which everything that tests write lies; short, because a socket's path has at most 107 bytes.
    package static let temporaryRoot = environment("ROOST_TEST_TMPDIR") ?? "/tmp"

    /// Set by `./test --full`: whole matrices in place of a pairwise cover.
    package static let isFull = environment("ROOST_TEST_FULL") == "1"

    /// The cases of a test: all in a full run, else some that stand for them.
    package static func cases<Case>(_ all: [Case], else few: [Case]) -> [Case] { isFull ? all : few }

    /// Leaves everything on disk for a look.
    package static let keepsFiles = environment("ROOST_TEST_KEEP") == "1"

    package static let serverMajors = [14, 15, 16, 17, 18]

    /// The directory of a PostgreSQL version's programs, as `scripts/setup --test` lays them out.
    package static func serverPrograms(major: Int) throws -> String {
        let candidates = [
            "/usr/lib/postgresql/\(major)/bin", "/var/cache/roost-test/postgresql/\(major)/bin",
        ]
        guard let found = candidates.first(where: { isExecutable($0 + "/postgres") }) else {
            throw TestFailure("PostgreSQL \(major) is not installed; run scripts/setup --test")
        }
        return found
    }

    /// Prometheus' tool that checks and tests rules.
    package static func promtool() throws -> String {
        let candidates = ["/var/cache/roost-test/prometheus/promtool", "/usr/bin/promtool"]
        guard let found = candidates.first(where: isExecutable) else {
            throw TestFailure("promtool is not installed; run scripts/setup --test")
        }
        return found
    }

    package static func environment(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    package static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// Whether a process runs whose arguments hold a text.
    package static func hasProcess(naming text: String) throws -> Bool {
        let text = Data(text.utf8)
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
            // A process that is gone by now has nothing to read, and a dead one nothing in it.
            guard pid_t(name) != nil, let arguments = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
            else { return false }
            return arguments.firstRange(of: text) != nil
        }
    }

    /// Makes ``account`` the owner of everything below a path; nothing to do when the tests run as that account.
    package static func giveToAccount(_ path: String) throws {
        guard isRoot else { return }
        try Command("/bin/chown", ["-R", "-h", "\(account):", path], as: .root).run().requireSuccess()
    }
}

/// Why a test cannot go on.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Waits until a condition holds, looking every few milliseconds.
///
/// - Throws: ``TestFailure`` after `timeout` seconds, naming what was awaited.
package func waitUntil(_ what: String, timeout: Double = 180, _ condition: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: timeout)
    var pause: UInt32 = 2_000
    while try !condition() {
        guard Date() < deadline else { throw TestFailure("still waiting for \(what) after \(timeout) s") }
        usleep(pause)
        pause = min(pause * 2, 50_000)
    }
}
