import Foundation
import RoostTesting
import Testing

/// Promise 2: a backup is listed only when it is complete and durable; a run that dies leaves a restorable repository.
@Suite struct KilledBackupFailureTests {
    /// Bundles leave few enough steps to try each; one sync a file makes a thousand of them, most alike.
    @Test(
        arguments: TestHost.cases(
            [("rename", true), ("durable", true), ("durable", false)], else: [("rename", true), ("durable", false)]))
    func `a backup that is killed at any durable step leaves the former ones, and the next one works`(
        calls: String, bundles: Bool
    ) throws {
        try withSmallStanza(bundles: bundles) { stanza in
            var good = try stanza.backup(.roost)
            let rows = try stanza.cluster.rowChecksum()
            var steps = 0
            var position = 1
            while true {
                steps += 1
                let result = try attempt(stanza, fault: "\(calls):\(position):kill")
                if result.succeeded { break }
                try #require(result.ending == .killed(signal: SIGKILL), "\(result)")
                #expect(try stanza.info(.roost).labels.contains(good))
                // Killed after its last step it may be complete: then it must be restorable.
                try stanza.verify(.roost)
                try stanza.requireRecoverable(into: "restored", expecting: rows)
                // Removes what the killed one left, and its WAL, so that every step starts from the same state.
                good = try stanza.backup(.roost)
                try stanza.attempt(.roost, "--repo1-retention-full=1", "expire").requireSuccess()
                let triesEach = position < 6 || TestHost.isFull && (position < 12 || bundles)
                position += triesEach ? 1 : TestHost.isFull ? position / 8 : position
                try #require(steps < 500)
            }
            #expect(steps > 5, "the fault plan did not count")
            try stanza.backup(.roost)
            try stanza.backup(.roost, "incr")
            try stanza.verify(.roost)
            try stanza.verify(.stock)
            try stanza.requireRecoverable(into: "restored", expecting: rows)
        }
    }

    @Test func `a run that is killed while it removes what a killed one left harms nothing`() throws {
        try withSmallStanza { stanza in
            let good = try stanza.backup(.roost)
            for fault in ["fsync:300:kill", "unlink:1:kill", "unlink:5:kill", "unlink:300:kill"] {
                let result = try attempt(stanza, fault: fault)
                try #require(result.ending == .killed(signal: SIGKILL), "\(fault): \(result)")
                #expect(try stanza.info(.roost).labels == [good])
                try stanza.verify(.roost)
            }
            try stanza.backup(.roost)
            try stanza.verify(.stock)
            try stanza.requireRecoverable(into: "restored")
        }
    }

    @Test func `an increment after a killed increment is complete`() throws {
        try withSmallStanza { stanza in
            try stanza.backup(.roost)
            for position in [1, 3, 6, 10, 15] {
                try stanza.cluster.generateLoad(transactions: 50)
                _ = try attempt(stanza, "incr", fault: "durable:\(position):kill")
                try stanza.backup(.roost, "incr")
                try stanza.verify(.stock)
            }
            try stanza.cluster.archiveCurrentSegment()
            try stanza.requireRecoverable(into: "restored")
        }
    }

    @Test(arguments: [Tool.stock, .dropIn])
    func `one tool goes on after the other was killed in mid-backup`(killed: Tool) throws {
        try withSmallStanza { stanza in
            let running = try stanza.command(
                killed,
                ["--type=full", "--compress-type=bz2", "--compress-level=9", "backup"]
            )
            .start()
            try waitUntil("first files of the backup") {
                guard try running.isRunning() else { return true }
                return try paths(below: stanza.backupDirectory, endingIn: ".bz2").count > 5
            }
            running.send(SIGKILL)
            #expect(try running.wait().ending == .killed(signal: SIGKILL))
            #expect(try stanza.info(killed.other).labels == [])
            // The server's backup mode ends with the connection; stock's workers notice theirs.
            try waitForLock { try stanza.command(killed.other, ["--type=full", "backup"]).run() }
            #expect(try stanza.info(killed).labels.count == 1)
            try stanza.verify(.stock)
            try stanza.cluster.archiveCurrentSegment()
            try stanza.requireRecoverable(into: "restored")
        }
    }

    /// Repeats a command while the lock of a killed process's workers is still held.
    private func waitForLock(_ body: () throws -> CommandResult) throws {
        var result = try body()
        try waitUntil("the lock of the killed process") {
            if result.status == 50 { result = try body() }
            return result.status != 50
        }
        try result.requireSuccess()
    }
}
