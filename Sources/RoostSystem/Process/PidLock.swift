internal import Glibc

/// A lock in a directory that everybody may write to, as `/tmp`: one file whose `flock` is the lock and whose content names the
/// holder for people.
///
/// Unlike ``LockFile``, whose directory is ours, it follows no symbolic link that somebody may have planted, tells what it
/// found of an earlier holder, and can take over a file of another user.
package struct PidLock: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let path: String
    /// What the file held that a dead process left behind, trimmed; nil if there was none.
    package let leftover: String?
    /// Whether the file could not be written because it is another user's: the lock holds all the same.
    package let isForeign: Bool

    private init(_ opened: consuming Opened, path: String, leftover: String?) {
        isForeign = opened.isForeign
        descriptor = opened.descriptor
        self.path = path
        self.leftover = leftover
    }

    deinit { _ = Syscall.unlink(path) }  // a name left behind is harmless: the lock is the flock

    /// Takes the lock and writes the id of this process into the file.
    ///
    /// - Throws: ``ErrorCode/lockAcquire``: another process holds it (``RoostError/isLockHeld``, and the message is the content
    ///   of the file), or the name is no regular file, or it is another user's and cannot even be read.
    package static func acquire(_ path: String) throws(RoostError) -> PidLock {
        while true {
            guard let opened = try open(path) else { continue }
            let held = try FileStatus.of(descriptor: opened.descriptor)
            guard held.kind == .file else { throw notRegular(path) }
            guard flock(opened.descriptor.raw, LOCK_EX | LOCK_NB) == 0 else {
                let number = Syscall.errno
                guard number == EWOULDBLOCK else { throw .system(.lockAcquire, unableTo: "lock", path, errno: number) }
                throw RoostError(.lockAcquire, try content(of: opened.descriptor), errno: number)
            }
            // The former holder may have removed the name between our open and our flock: then we hold nobody's lock.
            guard let named = try FileStatus.of(path), named.isSame(as: held) else { continue }
            let leftover = opened.isNew ? nil : try content(of: opened.descriptor)
            if !opened.isForeign {
                try opened.descriptor.setSize(0)
                try opened.descriptor.seek(to: 0)
                try opened.descriptor.write("\(CurrentProcess.id)\n".utf8.span.raw)
            }
            return PidLock(opened, path: path, leftover: leftover)
        }
    }

    private struct Opened: ~Copyable {
        var descriptor: OwnedDescriptor
        var isNew = false
        var isForeign = false
    }

    /// - Returns: Nil if the file went away meanwhile.
    private static func open(_ path: String) throws(RoostError) -> Opened? {
        do {
            let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
            return Opened(descriptor: try OwnedDescriptor.open(path, flags, 0o644, "lock"), isNew: true)
        } catch let error where error.errno != EEXIST {
            throw RoostError(.lockAcquire, error.message, hints: error.hints, errno: error.errno)
        } catch {
            return try openExisting(path)
        }
    }

    private static func openExisting(_ path: String) throws(RoostError) -> Opened? {
        var failure: RoostError?
        // A pipe that somebody planted must not make us wait for its other end.
        for (access, isForeign) in [(O_RDWR, false), (O_RDONLY, true)] {
            do {
                let file = try OwnedDescriptor.open(path, access | O_NOFOLLOW | O_NONBLOCK, 0, "lock")
                return Opened(descriptor: file, isForeign: isForeign)
            } catch let error where error.errno == ENOENT {
                return nil
            } catch let error where [ELOOP, EISDIR, ENXIO].contains(error.errno) {
                throw notRegular(path)
            } catch {
                failure = error
            }
        }
        throw RoostError(
            .lockAcquire, failure?.message ?? "unable to open '\(path)'",
            hints: ["it belongs to another user: remove it as that user or as root"], errno: failure?.errno ?? 0)
    }

    private static func notRegular(_ path: String) -> RoostError {
        RoostError(
            .lockAcquire, "'\(path)' is not a regular file",
            hints: ["somebody has put it there: look at it, remove it and try again"])
    }

    private static func content(of descriptor: borrowing OwnedDescriptor) throws(RoostError) -> String {
        try descriptor.seek(to: 0)
        let chunk = Chunk(capacity: 256)
        _ = try descriptor.read(into: chunk)
        let text = String(decoding: chunk.bytes.array(), as: UTF8.self)
        return String(text.prefix { !$0.isNewline })
    }
}
