internal import RoostSystem

/// Where a dump grows under a hidden name until it is whole; abandoned, it leaves nothing.
///
/// Beside it lies a lock, so that what a killed run has left behind can be told from what another run is writing.
final class DumpOutput {
    private static let partEnd = ".roost-dump.part"
    private static let lockEnd = ".roost-dump.lock"

    /// For the program to write to.
    let temporary: String
    private let path: String
    private let lock: LockFile
    /// Nil for a directory.
    private var file: DurableFile?
    private var isDirectoryUnfinished: Bool

    /// - Parameter path: Its directory exists.
    /// - Throws: ``ErrorCode/lockAcquire`` if another run writes a dump of this name, ``ErrorCode/pathNotEmpty`` where a
    ///   directory is wanted and something has its name.
    init(_ path: String, isDirectory: Bool) throws(RoostError) {
        let directory = directoryPart(of: path)
        let hidden = "\(directory)/.\(lastPart(of: path))"
        self.path = path
        temporary = hidden + Self.partEnd
        isDirectoryUnfinished = false
        try Self.removeLeftovers(in: directory)
        lock = try LockFile.acquire(hidden + Self.lockEnd, content: "\(CurrentProcess.id)\n")
        guard isDirectory else {
            file = try DurableFile(path, mode: 0o600, temporary: temporary)
            try FileSystem.requireOwn(temporary)
            return
        }
        // A file can take the place of another at once, a directory cannot.
        guard try FileStatus.of(path) == nil else {
            throw RoostError(
                .pathNotEmpty, "'\(path)' exists, and a dump in directory format does not replace it",
                hints: ["remove it, or choose another name with --file"])
        }
        try FileSystem.createDirectory(temporary, mode: 0o700)
        try FileSystem.requireOwn(temporary)
        guard try FileStatus.of(temporary)?.kind == .directory else {
            throw RoostError(
                .pathCreate, "unable to create directory '\(temporary)': something else has its name",
                hints: ["who has put it there? Remove it"])
        }
        isDirectoryUnfinished = true
    }

    deinit {
        // The failure that counts is already on its way; the next run removes what this cannot.
        if isDirectoryUnfinished { try? FileSystem.removeTree(temporary) }
    }

    /// Gives it its name, durably: fsync of each file and directory, rename, fsync of the directory around it.
    ///
    /// - Returns: How many bytes it has.
    func finish() throws(RoostError) -> UInt64 {
        if file != nil {
            // The program has written to the same file by its name: our descriptor syncs it.
            let size = try FileStatus.of(temporary)?.size ?? 0
            guard size > 0 else { throw RoostError(.execute, "the program ended well but has written nothing") }
            try file?.finish()
            return size
        }
        let size = try Self.sync(temporary)
        try FileSystem.move(temporary, to: path)
        isDirectoryUnfinished = false
        try FileSystem.syncDirectory(directoryPart(of: path))
        return size
    }

    private static func sync(_ directory: String) throws(RoostError) -> UInt64 {
        var size: UInt64 = 0
        for name in try FileSystem.list(directory) {
            let path = "\(directory)/\(name)"
            guard let status = try FileStatus.of(path) else { continue }
            if status.kind == .directory {
                size += try sync(path)
            } else {
                try OwnedDescriptor.read(path).sync()
                size += status.size
            }
        }
        try FileSystem.syncDirectory(directory)
        return size
    }

    /// Removes what killed runs of this user left behind.
    private static func removeLeftovers(in directory: String) throws(RoostError) {
        for name in try FileSystem.list(directory) where name.hasPrefix(".") && name.hasSuffix(partEnd) {
            let path = "\(directory)/\(name)"
            guard let status = try FileStatus.of(path), status.owner == CurrentProcess.effectiveUser else { continue }
            try remove(path, status.kind, lock: "\(directory)/\(name.dropLast(partEnd.count))\(lockEnd)")
        }
    }

    /// Does nothing if another run holds the lock.
    private static func remove(_ path: String, _ kind: FileStatus.Kind, lock lockPath: String) throws(RoostError) {
        do {
            let lock = try LockFile.acquire(lockPath, content: "", waits: false)
            if kind == .directory {
                try FileSystem.removeTree(path)
            } else {
                try FileSystem.removeFile(path)
            }
            _ = consume lock
        } catch let error where error.isLockHeld {
            return
        }
    }
}
