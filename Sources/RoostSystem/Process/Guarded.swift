internal import Glibc

/// A value that several threads share, one at a time.
///
/// The standard library's `Mutex` would do, but the thread sanitizer cannot see into it and reports a race at every use; it
/// knows the locks of pthreads.
///
/// `@unchecked Sendable`: the value is touched only with the lock held, and `sending` keeps other references to it away.
@safe package final class Guarded<Value>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
    private var value: Value

    package init(_ value: consuming sending Value) {
        self.value = value
        unsafe pthread_mutex_init(lock, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    /// Waits until no other thread uses the value, and lends it to a closure, which must not call this again.
    package func withLock<Result, E: Error>(
        _ body: (inout sending Value) throws(E) -> sending Result
    ) throws(E) -> sending Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
