internal import Glibc

/// A bounded first-in first-out queue between threads.
///
/// `@unchecked Sendable`: every access to the stored properties happens with `mutex` held.
package final class BlockingQueue<Element>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
    private let changed: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
    private var elements: [Element] = []
    private var closed = false
    private let capacity: Int

    package init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Waits for room; an element put into a closed queue is dropped.
    package func put(_ element: consuming sending Element) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.count >= capacity, !closed { pthread_cond_wait(changed, mutex) }
        guard !closed else { return }
        elements.append(element)
        pthread_cond_broadcast(changed)
    }

    /// Waits for an element; nil when the queue is closed and empty.
    package func take() -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.isEmpty, !closed { pthread_cond_wait(changed, mutex) }
        guard !elements.isEmpty else { return nil }
        pthread_cond_broadcast(changed)
        return elements.removeFirst()
    }

    /// An element that is there, without waiting for one.
    package func takeIfAny() -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !elements.isEmpty else { return nil }
        pthread_cond_broadcast(changed)
        return elements.removeFirst()
    }

    /// Ends all waiting: what is in the queue can still be taken.
    package func close() {
        pthread_mutex_lock(mutex)
        closed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }
}

/// One thread of the operating system, which blocks as it likes; joined by ``join()``.
package final class WorkerThread {
    private var handle = pthread_t()

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Throws: ``ErrorCode/kernel`` if the system gives no more threads.
    package init(_ run: @escaping @Sendable () -> Void) throws(RoostError) {
        let body = Unmanaged.passRetained(Body(run))
        let status = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            body.release()
            throw RoostError(.kernel, "unable to start a thread: \(errorText(status))", errno: status)
        }
    }

    package func join() { pthread_join(handle, nil) }
}
