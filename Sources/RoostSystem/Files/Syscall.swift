internal import CLinux
internal import Glibc

/// Every system call that Roost makes on files goes through here: it retries `EINTR`, and in debug builds
/// ``FaultPlan`` can fail, skip, shorten, pause or kill at the n-th call of a kind.
///
/// Each function returns what the kernel returned; -1 with `errno` set is the caller's to translate.
package enum Syscall {
    package enum Kind: String, Sendable {
        case open, read, write, fsync, syncfs, close, rename, unlink, mkdir, rmdir, link, truncate, utimens, clone
    }

    package static func open(_ path: String, _ flags: Int32, _ mode: UInt32 = 0) -> Int32 {
        call(.open, path) { CLinux_open(path, flags | O_CLOEXEC, mode) }
    }

    package static func openat(_ directory: Int32, _ name: String, _ flags: Int32, _ mode: UInt32 = 0) -> Int32 {
        call(.open, name) { CLinux_openat(directory, name, flags | O_CLOEXEC, mode) }
    }

    package static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        transfer(.read, buffer.count) { Glibc.read(descriptor, buffer.baseAddress, $0) }
    }

    package static func pread(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ offset: Int64) -> Int {
        transfer(.read, buffer.count) { Glibc.pread(descriptor, buffer.baseAddress, $0, Int(offset)) }
    }

    package static func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
        transfer(.write, buffer.count) { Glibc.write(descriptor, buffer.baseAddress, $0) }
    }

    package static func pwrite(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer, _ offset: Int64) -> Int {
        transfer(.write, buffer.count) { Glibc.pwrite(descriptor, buffer.baseAddress, $0, Int(offset)) }
    }

    package static func fsync(_ descriptor: Int32, _ path: String) -> Int32 {
        call(.fsync, path) { Glibc.fsync(descriptor) }
    }

    package static func syncfs(_ descriptor: Int32, _ path: String) -> Int32 {
        call(.syncfs, path) { CLinux_syncfs(descriptor) }
    }

    /// Not retried on `EINTR`: Linux has released the descriptor already.
    package static func close(_ descriptor: Int32) -> Int32 {
        if let failure: Int32 = fault(.close, "") { return failure }
        return Glibc.close(descriptor)
    }

    package static func rename(_ from: String, _ to: String) -> Int32 {
        call(.rename, to) { Glibc.rename(from, to) }
    }

    package static func unlink(_ path: String) -> Int32 {
        call(.unlink, path) { Glibc.unlink(path) }
    }

    package static func rmdir(_ path: String) -> Int32 {
        call(.rmdir, path) { Glibc.rmdir(path) }
    }

    package static func mkdir(_ path: String, _ mode: UInt32) -> Int32 {
        call(.mkdir, path) { Glibc.mkdir(path, mode) }
    }

    package static func symlink(_ destination: String, _ path: String) -> Int32 {
        call(.link, path) { Glibc.symlink(destination, path) }
    }

    package static func link(_ existing: String, _ path: String) -> Int32 {
        call(.link, path) { Glibc.link(existing, path) }
    }

    /// `FICLONE`: the file shares the blocks of another.
    package static func clone(_ destination: Int32, _ source: Int32, _ path: String) -> Int32 {
        call(.clone, path) { CLinux_clone_file(destination, source) }
    }

    package static func ftruncate(_ descriptor: Int32, _ size: Int64) -> Int32 {
        call(.truncate) { Glibc.ftruncate(descriptor, Int(size)) }
    }

    package static func utimensat(_ directory: Int32, _ path: String, seconds: Int64) -> Int32 {
        let times = [timespec(tv_sec: Int(seconds), tv_nsec: 0), timespec(tv_sec: Int(seconds), tv_nsec: 0)]
        return call(.utimens, path) { Glibc.utimensat(directory, path, times, AT_SYMLINK_NOFOLLOW) }
    }

    /// The error number of the last failed call of this thread.
    package static var errno: Int32 { __errno_location().pointee }

    /// - Parameter body: Gets the number of bytes: that asked for, or with a short transfer on purpose half of it.
    private static func transfer(_ kind: Kind, _ count: Int, _ body: (Int) -> Int) -> Int {
        var count = count
        if let failure: Int = fault(kind, "", &count) { return failure }
        return repeating { body(count) }
    }

    private static func call<T: FixedWidthInteger>(_ kind: Kind, _ path: String = "", _ body: () -> T) -> T {
        if let failure: T = fault(kind, path) { return failure }
        return repeating(body)
    }

    private static func repeating<T: FixedWidthInteger>(_ body: () -> T) -> T {
        while true {
            let result = body()
            if result == -1, errno == EINTR { continue }
            return result
        }
    }

    @inline(__always)
    private static func fault<T: FixedWidthInteger>(_ kind: Kind, _ path: String) -> T? {
        var count = 0
        return fault(kind, path, &count)
    }

    /// The result a fault plan wants instead of the call's own; nil in release builds.
    ///
    /// - Parameter count: How many bytes the call transfers at most; reduced where it is to be a short one.
    @inline(__always)
    private static func fault<T: FixedWidthInteger>(_ kind: Kind, _ path: String, _ count: inout Int) -> T? {
        #if DEBUG
            switch FaultPlan.current?.next(kind, path) {
            case .fail(let number):
                __errno_location().pointee = number
                return -1
            case .skip: return 0
            case .short:
                count = (count + 1) / 2
                return nil
            case .none: return nil
            }
        #else
            return nil
        #endif
    }
}
