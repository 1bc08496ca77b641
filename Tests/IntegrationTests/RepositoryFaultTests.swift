import Foundation
import RoostTesting
import Testing

/// Commands that change a repository without a server, killed or failed at each step that a power cut would see.
///
/// Afterwards the repository is as before or on the way; the next run makes it what an undisturbed one makes.
@Suite struct RepositoryFaultTests {
    /// Two sets of a full backup and an increment in blocks, with WAL, and the data directory of another cluster; no server
    /// runs.
    private static let shared = Result {
        let scratch = try ScratchDirectory()
        let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
        let stanza = try ScratchStanza(cluster: cluster, in: scratch, options: .init(.zst, blocks: true))
        try stanza.begin(archivingWith: .roost)
        for type in ["full", "incr", "full", "incr"] {
            try cluster.generateLoad(transactions: 20)
            try stanza.backup(.roost, type)
        }
        try cluster.stop()
        let other = try ScratchCluster.makeForeign(.init(walSegmentMegabytes: 1), in: scratch)
        return (stanza: stanza, other: other, labels: try stanza.info(.roost).labels)
    }

    @Test(arguments: ["kill", "EIO"])
    func `an expire that is cut short leaves listed backups whole, and the next one ends it`(action: String) throws {
        let (_, _, labels) = try Self.shared.get()
        let expire = ["--repo1-retention-full=1", "expire"]
        let steps = try sweep(action, expire) { place in
            #expect(try place.info().labels.suffix(2) == labels.suffix(2))
            try place.requireVerified()
            try place.run(expire)
        }
        #expect(steps >= 16)
    }

    @Test(arguments: ["kill", "EIO"])
    func `a stanza-create that is cut short is finished by the next`(action: String) throws {
        let create = ["--no-online", "stanza-create"]
        let steps = try sweep(
            action, create, each: true,
            prepare: { for name in ["archive", "backup"] { try remove("\($0.repository)/\(name)") } },
            check: { place in
                try place.run(create)
                #expect(try place.info().statusCode == 2, "no backups yet")
            })
        #expect(steps > 8)
    }

    @Test(arguments: ["kill", "EIO"])
    func `a stanza-upgrade that is cut short is finished by the next`(action: String) throws {
        let (_, other, labels) = try Self.shared.get()
        let upgrade = ["--pg1-path=\(other.dataDirectory)", "--no-online", "stanza-upgrade"]
        let steps = try sweep(action, upgrade, each: true) { place in
            #expect(try place.info().labels == labels)
            try place.run(upgrade)
            #expect(try place.info().labels == labels)
        }
        #expect(steps > 8)
    }

    @Test(arguments: ["kill", "EIO"])
    func `a stanza-delete that is cut short never looks whole, and is finished by the next`(action: String) throws {
        let delete = ["stanza-delete"]
        let steps = try sweep(
            action, delete, prepare: { try $0.run(["stop"]) },
            check: { place in
                // Both kinds of info file are there, or one of them and its copy are gone and nobody takes it for a stanza.
                let isStanza = ["archive", "backup"].allSatisfy { kind in
                    ["", ".copy"].contains {
                        let path = "\(place.repository)/\(kind)/\(ScratchStanza.name)/\(kind).info\($0)"
                        return FileManager.default.fileExists(atPath: path)
                    }
                }
                #expect(try place.isVerified() == isStanza)
                try place.run(delete)
                #expect(try names(in: place.lock).isEmpty, "the stop file stays")
                #expect(try names(in: "\(place.repository)/backup").isEmpty)
            })
        #expect(steps >= 16)
    }

    // MARK: Helpers

    /// A copy of the repository, with locks of its own.
    private struct Place {
        let stanza: ScratchStanza
        let path: String
        var repository: String { path + "/repo" }
        var lock: String { path + "/lock" }

        func attempt(_ arguments: [String], fault: String? = nil) throws -> CommandResult {
            // Not every command has both.
            let options = arguments.contains("stop") ? [] : ["--repo1-path=\(repository)"]
            let locks = arguments.contains("verify") ? [] : ["--lock-path=\(lock)"]
            return try stanza.command(
                .roost, options + locks + arguments, environment: fault.map { ["ROOST_FAULT": $0] } ?? [:]
            ).run()
        }

        func run(_ arguments: [String]) throws { try attempt(arguments).requireSuccess() }

        func info() throws -> RepositoryInfo {
            try RepositoryInfo(json: attempt(["info", "--output=json"]).requireSuccess().standardOutput)
        }

        func isVerified() throws -> Bool { try verify().standardOutput.contains("status: ok") }

        func requireVerified() throws {
            let result = try verify().requireSuccess()
            guard result.standardOutput.contains("status: ok") else { throw TestFailure("\(result)") }
        }

        private func verify() throws -> CommandResult { try attempt(["verify", "--output=text", "--verbose"]) }
    }

    /// Runs a command with its n-th durable step going wrong, until there is none; and demands that the repository is in the end
    /// what the command leaves that nothing disturbs.
    ///
    /// - Parameters:
    ///   - action: What happens at the step.
    ///   - each: Every step also where not everything is wanted; else n = 1, 2, 4, 8 and so on.
    ///   - check: Looks at what is left, and runs the command again.
    /// - Returns: How many steps the command has at least.
    private func sweep(
        _ action: String, _ arguments: [String], each: Bool = false, prepare: (Place) throws -> Void = { _ in },
        check: (Place) throws -> Void
    ) throws -> Int {
        let (stanza, _, _) = try Self.shared.get()
        func with(_ body: (Place) throws -> Void) throws {
            try ScratchDirectory.with { scratch in
                let place = Place(stanza: stanza, path: scratch.path)
                _ = try scratch.directory("lock")
                try copy(stanza.repository, to: place.repository)
                try prepare(place)
                try body(place)
            }
        }
        var complete: DirectoryTree?
        try with { place in
            try place.run(arguments)
            complete = try DirectoryTree(place.repository)
            if arguments.contains("expire") { try place.requireVerified() }
        }
        let expected = try #require(complete)
        var (position, last, isReached) = (1, 0, true)
        while isReached {
            try with { place in
                let result = try place.attempt(arguments, fault: "durable:\(position):\(action):\(place.path)")
                isReached = !result.succeeded
                if action == "kill", isReached { try #require(result.ending == .killed(signal: SIGKILL), "\(result)") }
                guard isReached else { return }
                do { try check(place) } catch { throw TestFailure("after step \(position): \(error)") }
                let left = try DirectoryTree(place.repository).differences(from: expected, times: false)
                #expect(left == [], "after step \(position)")
                last = position
            }
            position += each || TestHost.isFull ? 1 : position
            try #require(position < 5000, "no end of durable steps")
        }
        return last
    }
}
