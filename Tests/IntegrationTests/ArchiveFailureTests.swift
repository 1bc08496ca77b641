import Foundation
import RoostTesting
import Testing

/// Promise 1: exit 0 of `archive-push` means that the segment is durable; whatever goes wrong, WAL is never dropped in silence.
@Suite struct ArchiveFailureTests {
    /// A stanza without any pushed segment, and the paths of a few real segments to push.
    ///
    /// Its server is stopped.
    private static let shared = Result {
        let scratch = try ScratchDirectory()
        let cluster = try ScratchCluster.make(in: scratch)
        let stanza = try ScratchStanza(cluster: cluster, in: scratch)
        try cluster.start()
        var segments: [String] = []
        let kept = try scratch.directory("wal")
        for _ in 1...2 {
            segments.append(try cluster.value("select pg_walfile_name(pg_current_wal_lsn())"))
            try cluster.generateLoad(transactions: 100)
            try cluster.query("select pg_switch_wal()")
        }
        // The server would use them again under another name.
        for segment in segments { try copy("\(cluster.dataDirectory)/pg_wal/\(segment)", to: "\(kept)/\(segment)") }
        try cluster.stop()
        try stanza.run(.roost, "--no-online", "stanza-create")
        return (stanza: stanza, segments: segments)
    }

    @Test func `a push that is killed at any durable step is completed by the next`() throws {
        try withRepository { stanza, repository, segment in
            var steps = 0
            while true {
                steps += 1
                let result = try push(stanza, repository, segment, fault: "durable:\(steps):kill")
                if result.succeeded { break }
                try #require(result.ending == .killed(signal: SIGKILL), "\(result)")
                try push(stanza, repository, segment).requireSuccess()
                try requireFetchable(stanza, repository, segment)
                try remove(archive(repository))
                try #require(steps < 100, "no end of durable steps")
            }
            // At the very least: the file, its name, and the directory that holds the name.
            #expect(steps > 3, "the fault plan did not count")
            try requireFetchable(stanza, repository, segment)
        }
    }

    @Test(arguments: ["open", "write", "fsync", "close", "rename", "mkdir"], ["EIO", "EDQUOT", "ENOSPC", "EACCES"])
    func `a push whose system call fails reports it, leaves no half segment, and works later`(
        call: String,
        error: String
    ) throws {
        try withRepository { stanza, repository, segment in
            let result = try push(stanza, repository, segment, fault: "\(call):*:\(error):\(repository)")
            if call == "write" || call == "close" {
                // These carry no path: every such call fails, also one on standard output or the lock.
                _ = try push(stanza, repository, segment, fault: "\(call):*:\(error)")
            }
            if result.succeeded {
                try requireFetchable(stanza, repository, segment)
                #expect(call == "write" || call == "close", "the failure was ignored")
            } else {
                #expect(try segments(in: repository) == [])
            }
            try push(stanza, repository, segment).requireSuccess()
            try requireFetchable(stanza, repository, segment)
        }
    }

    @Test(
        arguments: TestHost.cases(
            ["write", "close"].flatMap { call in ["EIO", "EDQUOT", "ENOSPC"].map { (call, $0) } },
            else: [("write", "ENOSPC"), ("close", "EIO"), ("close", "EDQUOT")]))
    func `no exit 0 without the whole segment, whichever write or close fails`(call: String, error: String) throws {
        try withRepository { stanza, repository, segment in
            for position in 1...12 {
                let result = try push(stanza, repository, segment, fault: "\(call):\(position):\(error)")
                if !result.succeeded { try push(stanza, repository, segment).requireSuccess() }
                try requireFetchable(stanza, repository, segment)
                try remove(archive(repository))
            }
        }
    }

    @Test func `a full disk is reported, leaves nothing behind, and the push works when there is room`() throws {
        let (stanza, segments) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let disk = try MemoryFileSystem(megabytes: 3, named: "disk", in: scratch)
            let repository = disk.mountPoint + "/repo"
            try copy(stanza.repository, to: repository)
            let result = try push(stanza, repository, segments[0], options: ["--compress-type=none"])
            #expect(!result.succeeded)
            #expect(try self.segments(in: repository) == [])
            #expect(try paths(below: repository, endingIn: ".tmp") == [])
            try disk.resize(megabytes: 64)
            try push(stanza, repository, segments[0], options: ["--compress-type=none"]).requireSuccess()
            try requireFetchable(stanza, repository, segments[0])
        }
    }

    @Test func `archive-get onto a full disk fails`() throws {
        try withRepository { stanza, repository, segment in
            try push(stanza, repository, segment).requireSuccess()
            try ScratchDirectory.with { scratch in
                let disk = try MemoryFileSystem(megabytes: 3, named: "disk", in: scratch)
                let result = try stanza.attempt(
                    .roost,
                    "--repo1-path=\(repository)",
                    "archive-get",
                    segment,
                    disk.mountPoint + "/RECOVERYXLOG"
                )
                #expect(!result.succeeded && result.status != 1, "1 would mean that there is no such segment")
            }
        }
    }

    @Test func `the same segment again changes nothing and another content is refused`() throws {
        try withRepository { stanza, repository, segment in
            try push(stanza, repository, segment).requireSuccess()
            let before = try DirectoryTree(repository)
            let again = try push(stanza, repository, segment).requireSuccess()
            #expect(again.output.contains("already exists in the repo1 archive with the same checksum"))
            #expect(try DirectoryTree(repository).differences(from: before) == [])

            let changed = stanza.scratch.path + "/changed/" + segment
            try remove(stanza.scratch.path + "/changed")
            _ = try stanza.scratch.directory("changed")
            try copy("\(stanza.scratch.path)/wal/\(segment)", to: changed)
            try damage(changed, at: 5 << 20)
            let other = try stanza.attempt(.roost, "--repo1-path=\(repository)", "archive-push", changed)
                .require(status: 45)
            #expect(other.output.contains("already exists in the repo1 archive with a different checksum"))
            #expect(try DirectoryTree(repository).differences(from: before) == [])
        }
    }

    @Test func `WAL of another cluster is refused`() throws {
        try withRepository { stanza, repository, segment in
            try ScratchDirectory.with { scratch in
                let foreign = try ScratchCluster.makeForeign(in: scratch)
                let wal = try names(in: foreign.dataDirectory + "/pg_wal").first { $0.count == 24 }
                let path = "\(foreign.dataDirectory)/pg_wal/\(try #require(wal))"
                // By its header, and by the pg_control of the configured cluster.
                try stanza.attempt(.roost, "--repo1-path=\(repository)", "archive-push", path).require(status: 44)
                try stanza.attempt(
                    .roost,
                    "--repo1-path=\(repository)",
                    "--pg1-path=\(foreign.dataDirectory)",
                    "archive-push",
                    path
                ).require(status: 103)
            }
            #expect(try segments(in: repository) == [])
        }
    }

    @Test func `a stop file, a missing stanza and bad arguments have their own exit status`() throws {
        try withRepository { stanza, repository, segment in
            let path = "\(stanza.scratch.path)/wal/\(segment)"
            let locks = try stanza.scratch.directory("lock-\(UUID().uuidString)")
            try stanza.run(.roost, "--lock-path=\(locks)", "stop")
            #expect(try names(in: locks) == ["\(ScratchStanza.name).stop"])
            try stanza.attempt(.roost, "--lock-path=\(locks)", "archive-push", path).require(status: 62)
            try stanza.run(.roost, "--lock-path=\(locks)", "start")
            try stanza.attempt(.roost, "--repo1-path=/nonexistent", "archive-push", path).require(status: 103)
            try stanza.attempt(.roost, "archive-push").require(status: 43)
            try stanza.attempt(.roost, "archive-push", path, path).require(status: 43)
            try stanza.attempt(.roost, "archive-get", segment).require(status: 43)
            try stanza.attempt(.roost, "archive-get", segment, "a", "b").require(status: 96)
            try stanza.attempt(.roost, "--repo1-path=\(repository)", "archive-push", path + "0").require(status: 55)
        }
    }

    // MARK: Helpers

    /// Runs a body with a fresh copy of the repository.
    private func withRepository(_ body: (ScratchStanza, String, String) throws -> Void) throws {
        let (stanza, segments) = try Self.shared.get()
        try ScratchDirectory.with { scratch in
            let repository = scratch.path + "/repo"
            try copy(stanza.repository, to: repository)
            try body(stanza, repository, segments[0])
        }
    }

    private func push(
        _ stanza: ScratchStanza,
        _ repository: String,
        _ segment: String,
        options: [String] = [],
        fault: String? = nil
    ) throws -> CommandResult {
        let path = "\(stanza.scratch.path)/wal/\(segment)"
        return try stanza.command(
            .roost,
            ["--repo1-path=\(repository)"] + options + ["archive-push", path],
            environment: fault.map { ["ROOST_FAULT": $0] } ?? [:]
        ).run()
    }

    private func archive(_ repository: String) -> String { "\(repository)/archive/\(ScratchStanza.name)/15-1" }

    private func segments(in repository: String) throws -> [String] {
        try DirectoryTree(repository + "/archive").entries.keys.filter { $0.contains(/[0-9A-F]{24}-[0-9a-f]{40}/) }
    }

    private func requireFetchable(_ stanza: ScratchStanza, _ repository: String, _ segment: String) throws {
        let target = repository + "/../fetched"
        try stanza.run(.roost, "--repo1-path=\(repository)", "archive-get", segment, target)
        guard try contents(target) == contents("\(stanza.scratch.path)/wal/\(segment)") else {
            throw TestFailure("\(segment) came back changed")
        }
        guard try segments(in: repository).count == 1 else { throw TestFailure("\(segment) is there more than once") }
    }
}
