import Foundation
import Synchronization

/// An ext4 file system in a file, on a loop device: a copy of the file is what a power cut would leave.
package final class FileSystemImage: Sendable {
    package let mountPoint: String
    private let backing: String
    private let scratch: ScratchDirectory
    private static let counter = Atomic<Int>(0)

    /// Makes and mounts a new file system; only root can.
    package convenience init(megabytes: Int = 512, in scratch: ScratchDirectory) throws {
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        let backing = scratch.path + "/image-\(number)"
        try Command("/usr/bin/truncate", ["-s", "\(megabytes)M", backing], as: .root).run().requireSuccess()
        // All tables are written now: a background thread of ext4 would change the file later.
        try Command(
            "/sbin/mkfs.ext4",
            ["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", backing],
            as: .root
        ).run().requireSuccess()
        try self.init(mounting: backing, in: scratch)
        try TestHost.giveToAccount(mountPoint)
        // The file system begins as one that lay there before the test: with its root directory on disk.
        try Command("/bin/sync", ["-f", mountPoint], as: .root).run().requireSuccess()
    }

    private init(mounting backing: String, in scratch: ScratchDirectory) throws {
        self.backing = backing
        self.scratch = scratch
        mountPoint = try scratch.directory("mount-\(Self.counter.add(1, ordering: .relaxed).newValue)")
        // No commit by the clock and no flush on rename: what no fsync wrote must not be in the copy by luck.
        try Command(
            "/bin/mount",
            ["-t", "ext4", "-o", "loop,commit=300,noatime,noauto_da_alloc", backing, mountPoint],
            as: .root
        ).run().requireSuccess()
        rmdir(mountPoint + "/lost+found")
        scratch.atEnd { [mountPoint] in
            let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8)
            guard mounts.contains(" \(mountPoint) ") else { return }
            try Self.unmount(mountPoint)
        }
    }

    /// What a machine would find on this file system if its power failed now; mounted, with the journal replayed.
    package func afterPowerCut() throws -> FileSystemImage {
        let copy = scratch.path + "/cut-\(Self.counter.add(1, ordering: .relaxed).newValue)"
        // The loop device writes through to the file, and reading the file sees what reached the device. If that changes
        // meanwhile, as by archiving, the copy may have what was written later and lack what was written before.
        try waitUntil("a copy of '\(backing)' while nothing is written") {
            let before = try lastWrite
            try Command("/bin/cp", ["--sparse=always", backing, copy], as: .root).run().requireSuccess()
            return try lastWrite == before
        }
        return try FileSystemImage(mounting: copy, in: scratch)
    }

    private var lastWrite: Date? {
        get throws { try FileManager.default.attributesOfItem(atPath: backing)[.modificationDate] as? Date }
    }

    /// Unmounts now and deletes the backing file.
    package func discard() throws {
        try Self.unmount(mountPoint)
        unlink(backing)
    }

    /// Unmounts when the last process of a server that was just stopped has let go.
    private static func unmount(_ mountPoint: String) throws {
        try waitUntil("'\(mountPoint)' to be unmounted") {
            try Command("/bin/umount", [mountPoint], as: .root).run().status == 0
        }
    }
}

/// A file system in memory with a size, to be filled up.
package final class MemoryFileSystem: Sendable {
    package let mountPoint: String

    package init(megabytes: Int, named name: String, in scratch: ScratchDirectory) throws {
        mountPoint = try scratch.directory(name)
        try Command(
            "/bin/mount",
            ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0755", "tmpfs", mountPoint],
            as: .root
        ).run().requireSuccess()
        try TestHost.giveToAccount(mountPoint)
        scratch.atEnd { [mountPoint] in
            try Command("/bin/umount", ["-l", mountPoint], as: .root).run().requireSuccess()
        }
    }

    /// Changes the size while it is mounted: room for a second try.
    package func resize(megabytes: Int) throws {
        try Command("/bin/mount", ["-o", "remount,size=\(megabytes)m", mountPoint], as: .root).run().requireSuccess()
    }
}

/// An xfs in a file, where files can share their blocks.
package final class SharingFileSystem: Sendable {
    package let mountPoint: String

    package init(megabytes: Int = 400, named name: String, in scratch: ScratchDirectory) throws {
        mountPoint = try scratch.directory(name)
        let backing = scratch.path + "/" + name + ".xfs"
        try Command("/usr/bin/truncate", ["-s", "\(megabytes)M", backing], as: .root).run().requireSuccess()
        try Command("/sbin/mkfs.xfs", ["-q", "-m", "reflink=1", backing], as: .root).run().requireSuccess()
        // With an identifier of its own, since another image may be mounted too.
        try Command("/bin/mount", ["-t", "xfs", "-o", "loop,nouuid", backing, mountPoint], as: .root).run()
            .requireSuccess()
        try TestHost.giveToAccount(mountPoint)
        scratch.atEnd { [mountPoint] in
            try waitUntil("'\(mountPoint)' to be unmounted") {
                try Command("/bin/umount", [mountPoint], as: .root).run().status == 0
            }
        }
    }
}
