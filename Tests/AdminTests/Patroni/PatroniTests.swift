import Foundation
import RoostTesting
import Testing

@Suite struct PatroniTests {
    @Test func `REQ-2 REQ-5 Patroni is told, replicas restart before the primary, and removal parks all`() throws {
        try ScratchDirectory.with { scratch in
            let repository = try scratch.directory("backup", mode: 0o750)
            let bed = try PatroniBed(in: scratch)
            #expect(bed.leader.repository == repository)
            // As a recovery may have left it; it would override Patroni.
            try bed.leader.cluster.execute("alter system set archive_mode = 'off'")
            let wishes = bed.changes(bed.leader, role: "primary")
            let pending = try bed.leader.roost(
                "enable", with: wishes.merging(["restart": "never"]) { $1 }, status: 87)
            #expect(pending.message("restart").contains("restart pending"), "\(pending)")
            // Members tell at the next turn of their loop.
            try waitUntil("members that want a restart") {
                try bed.control("list", "pg-test").standardOutput.contains("Pending restart")
            }

            let outcome = try bed.leader.roost("enable", with: wishes)
            #expect(outcome.changes == ["archiving", "restart", "backup", "marker"], "\(outcome)")
            let started = try [bed.replica, bed.leader].map {
                try $0.cluster.value("select extract(epoch from pg_postmaster_start_time())::numeric(20, 6)")
            }
            #expect(started[0] < started[1], "the replica first: \(started)")
            for member in [bed.leader, bed.replica] {
                #expect(try member.setting("archive_mode") == "on")
                #expect(try member.setting("archive_command").hasSuffix("--stanza=pg-test archive-push %p"))
            }
            let dynamic = try bed.control("show-config", "pg-test").requireSuccess().standardOutput
            #expect(dynamic.contains("archive_mode: ") && dynamic.contains("--stanza=pg-test archive-push"))
            #expect(try !bed.leader.roost("enable", with: wishes).hasChanged)
            // Both see the one file that each host of its own would have at this place.
            let ofReplica = bed.changes(bed.replica, role: "replica").merging(["config": bed.leader.configuration]) {
                $1
            }
            let replica = try bed.replica.roost("enable", "--phase=init", with: ofReplica)
            #expect(
                replica.steps.map(\.name) == ["stop-file", "stanza", "archiving"] && !replica.hasChanged, "\(replica)")

            try recoverGap(bed, wishes, ofReplica)
            try undoOnReplica(bed, ofReplica)
            let removed = try bed.leader.roost("remove", "--yes", with: wishes)
            #expect(removed.changes.contains("archiving") && removed.changes.contains("stanza"), "\(removed)")
            try waitUntil("the replica to be told") {
                try bed.replica.setting("archive_command") == ": archiving is parked by roost disable"
            }
        }
    }

    /// Parked and restarted, the servers show no command any more; a replica that is enabled first must not hide the gap.
    private func recoverGap(_ bed: PatroniBed, _ wishes: [String: Any], _ ofReplica: [String: Any]) throws {
        try bed.leader.roost("disable", with: wishes)
        try bed.control("restart", "pg-test", "--force").requireSuccess()
        for member in [bed.leader, bed.replica] {
            try waitUntil("\(member.name) without archiving") { (try? member.setting("archive_mode")) == "off" }
        }
        let first = try bed.replica.roost("enable", "--phase=init", with: ofReplica)
        #expect(first.message("archiving").contains("run this on the primary first"), "\(first)")
        let second = try bed.leader.roost("enable", with: wishes)
        #expect(second.message("backup").contains("archiving was off for a while"), "\(second)")
        for member in [bed.leader, bed.replica] { #expect(try member.setting("archive_mode") == "on") }
    }

    /// The cluster was paused by it, and its primary goes on.
    private func undoOnReplica(_ bed: PatroniBed, _ ofReplica: [String: Any]) throws {
        let changes = ofReplica.merging(["pitr": ["type": "latest"]]) { $1 }
        try bed.replica.roost("pitr", "down", with: changes)
        #expect(!bed.replica.cluster.isRunning)
        #expect(try bed.control("list", "pg-test").standardOutput.contains("Maintenance mode"))
        try bed.replica.roost("pitr", "undo", with: changes)
        #expect(try bed.replica.cluster.value("select pg_is_in_recovery()") == "t")
        #expect(try !bed.control("list", "pg-test").requireSuccess().standardOutput.contains("Maintenance mode"))
    }
}
