import Foundation
import RoostTesting
import Testing

@Suite(.enabled(if: TestHost.isRoot, "only root can protect files from their owner"))
struct LockedRepositoryTests {
    enum Lock: String, CaseIterable, Sendable {
        case readOnly, immutable, appendOnly, foreignOwner, closedParent
    }

    /// Locks a repository, and says how it is unlocked.
    private func lock(_ lock: Lock, _ bed: AdminBed, _ image: FileSystemImage) throws -> [String] {
        // Deep inside, where a deletion would arrive after much is gone.
        let find =
            "find \(bed.repository)/backup/pg-test/*F/ -name 'pg_control*' -o -name '*.manifest' -o -name 'bundle' | head -n 1"
        let deep = try Command("/bin/bash", ["-c", find], as: .root).run().requireSuccess().standardOutput
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !deep.isEmpty else { throw TestFailure("no file to protect in \(bed.repository)") }
        let (script, undo) =
            switch lock {
            case .readOnly:
                ("mount -o remount,ro \(image.mountPoint)", "mount -o remount,rw \(image.mountPoint)")
            case .immutable: ("chattr +i \(deep)", "chattr -i \(deep)")
            case .appendOnly: ("chattr +a \(deep)", "chattr -a \(deep)")
            case .foreignOwner: ("chown root \(deep)", "chown \(TestHost.account) \(deep)")
            case .closedParent:
                ("chmod 0555 \(bed.repository)/archive", "chmod 0750 \(bed.repository)/archive")
            }
        try Command("/bin/bash", ["-euc", script], as: .root).run().requireSuccess()
        return [undo]
    }

    @Test func `REQ-6 a locked repository ends the removal before anything is destroyed`() throws {
        try ScratchDirectory.with { scratch in
            let image = try FileSystemImage(megabytes: 256, in: scratch)
            let bed = try AdminBed(in: scratch, repository: image.mountPoint + "/backup")
            try bed.cluster.start()
            try bed.roost("enable")
            #expect(try bed.roost("remove", "--probe").message("lock").contains("is not locked"))
            let archiving = try bed.setting("archive_command")
            for kind in Lock.allCases {
                try bed.cluster.archiveCurrentSegment()
                let undo = try lock(kind, bed, image)
                let before = try DirectoryTree(bed.repository)
                try bed.roost("remove", "--probe", status: 60)
                let outcome = try bed.roost("remove", "--yes", status: 60)
                #expect(outcome.hasFailed && !outcome.hasChanged, "\(kind) \(outcome)")
                #expect(outcome.message("lock").contains("is locked: "), "\(kind) \(outcome)")
                #expect(outcome.message("lock").contains("nothing was deleted; there still is"), "\(kind) \(outcome)")
                #expect(try before.differences(from: DirectoryTree(bed.repository)) == [], "\(kind)")
                #expect(try bed.setting("archive_command") == archiving)
                #expect(bed.exists(bed.configuration) && !bed.exists(bed.locks + "/pg-test.stop"))
                #expect(try bed.info().statusCode == 0)
                // Keeping the backups lets the removal of the rest go on.
                #expect(try bed.roost("remove", "--keep").code == 0)
                for script in undo { try Command("/bin/bash", ["-euc", script], as: .root).run().requireSuccess() }
            }
            try bed.stock("check").requireSuccess()
            let restored = try scratch.directory("restored", mode: 0o700)
            try bed.stock("--pg1-path=\(restored)", "restore").requireSuccess()
            #expect(try bed.roost("remove", "--yes").changes.contains("stanza"))
        }
    }

    @Test func `REQ-6 what cannot be expired stays listed, and the backup before it is told as complete`() throws {
        try ScratchDirectory.with { scratch in
            let image = try FileSystemImage(megabytes: 256, in: scratch)
            let bed = try AdminBed(in: scratch, repository: image.mountPoint + "/backup")
            try bed.cluster.start()
            try bed.roost("enable")
            let first = try #require(bed.info().labels.first)
            let manifest = "\(bed.repository)/backup/pg-test/\(first)/backup.manifest"
            func back(_ status: Int32) throws -> CommandResult {
                try Command(
                    Tool.dropIn.path,
                    [
                        "--config=\(bed.configuration)", "--stanza=pg-test", "--repo1-retention-full=1", "--type=full",
                        "--pg1-user=postgres", "backup",
                    ]
                ).run().require(status: status)
            }
            try Command("/usr/bin/chattr", ["+i", manifest], as: .root).run().requireSuccess()
            let locked = Result { try back(104) }
            try Command("/usr/bin/chattr", ["-i", manifest], as: .root).run().requireSuccess()
            let told = try locked.get().output
            #expect(told.contains("unable to expire backup \(first)") && told.contains("itself is complete"), "\(told)")
            #expect(try bed.info().labels.count == 2)
            _ = try back(0)
            #expect(try bed.info().labels.count == 1)
        }
    }
}
