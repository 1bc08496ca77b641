internal import CLinux
internal import Glibc

/// Makes the bulk files of one backup or restore durable together, for one payment per file system.
///
/// Before the first byte is written, ``watch(_:)`` opens and keeps one descriptor for each file system that will be
/// written to. ``finish(files:)`` then calls `syncfs` once on each. A write-back error is reported to a descriptor only if
/// it was open when the error happened, and only once: so the descriptor must be old, and a failure is final. Then every
/// file is fsynced to name the bad ones and the run fails.
///
/// `syncfs` reports write-back errors since Linux 5.8 and is trusted here on local ext4, xfs and btrfs with Linux 5.17 or
/// newer; elsewhere every file is fsynced by parallel threads.
package final class SyncScope {
    /// How files become durable; the option `fsync-method`.
    package enum Method: String, Sendable, CaseIterable { case auto, syncfs, fsync }

    private struct FileSystemHandle: ~Copyable {
        let device: UInt64
        let descriptor: OwnedDescriptor
        let usesSyncfs: Bool
    }

    private let method: Method
    private let threads: Int
    private var devices: [UInt64: Int] = [:]
    private var handles: [OwnedHandle] = []

    /// Keeps a noncopyable handle in an array.
    private final class OwnedHandle {
        let value: FileSystemHandle
        init(_ value: consuming FileSystemHandle) { self.value = value }
    }

    package init(method: Method = .auto, threads: Int = 4) {
        self.method = method
        self.threads = threads
    }

    /// Remembers the file system of an existing directory.
    ///
    /// Call before anything below it is written.
    package func watch(_ directory: String) throws(RoostError) {
        let descriptor = try OwnedDescriptor.directory(directory)
        let device = try FileStatus.of(descriptor: descriptor).device
        guard devices[device] == nil else { return }
        let usesSyncfs: Bool
        switch method {
        case .auto: usesSyncfs = Self.syncfsIsTrusted(descriptor.raw)
        case .syncfs: usesSyncfs = true
        case .fsync: usesSyncfs = false
        }
        devices[device] = handles.count
        handles.append(
            OwnedHandle(FileSystemHandle(device: device, descriptor: descriptor, usesSyncfs: usesSyncfs)))
    }

    /// Makes everything durable.
    ///
    /// - Parameter files: Every file and directory written, for the file systems where each must be synced by itself, and to
    ///   name the damaged one after a failure. Called only when needed.
    /// - Throws: ``ErrorCode/fileSync``; what was written must then be taken as lost.
    package func finish(files: () throws -> [String]) throws {
        var failure: RoostError?
        for handle in handles where handle.value.usesSyncfs {
            let path = handle.value.descriptor.path
            if Syscall.syncfs(handle.value.descriptor.raw, path) != 0 {
                failure = .system(.fileSync, unableTo: "sync file system of", path, errno: Syscall.errno)
            }
        }
        if let failure {
            try syncEach(try files())
            throw failure
        }
        guard handles.contains(where: { !$0.value.usesSyncfs }) else { return }
        try syncEach(try files())
    }

    private func syncEach(_ paths: [String]) throws {
        try forEachInParallel(paths, threads: threads) { path throws(RoostError) in
            let descriptor = try OwnedDescriptor.read(path)
            try descriptor.sync()
        }
    }

    private static func syncfsIsTrusted(_ descriptor: Int32) -> Bool {
        let local: Set<Int> = [0xEF53, 0x5846_5342, 0x9123_683E]  // ext4, xfs, btrfs
        return local.contains(CLinux_file_system_type(descriptor)) && kernelVersion >= (5, 17)
    }

    private static let kernelVersion: (Int, Int) = {
        var name = utsname()
        guard uname(&name) == 0 else { return (0, 0) }
        let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let parts = release.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
        return parts.count == 2 ? (parts[0], parts[1]) : (0, 0)
    }()
}
