/// Runs a list of jobs on a fixed number of threads and returns results to the caller's thread.
///
/// Each worker makes its own state once (a pipeline, buffers, a connection) and keeps it for all its jobs. Jobs are handed
/// out in order. `collect` runs on the calling thread alone, which therefore owns manifest, progress and log without locks.
/// The first error, of a job or of `collect`, stops the hand-out; it is thrown when every worker has returned.
///
/// - Parameters:
///   - workers: At least 1; no more threads than jobs are started, unless there is something to do without a job.
///   - makeState: Called once on each worker's thread.
///   - perform: One job on a worker's thread. Long jobs check ``Interrupt``.
///   - spare: What workers do that get no more jobs, while others still have theirs.
///   - collect: Called with each result in the order of completion.
package func runJobs<Job: Sendable, Result: Sendable, State>(
    _ jobs: [Job], workers: Int,
    makeState: @escaping @Sendable () throws -> State,
    perform: @escaping @Sendable (State, Job) throws -> Result,
    spare: SpareTime<State>? = nil,
    collect: (Result) throws -> Void
) throws {
    guard !jobs.isEmpty else { return }
    let results = BlockingQueue<Swift.Result<Result, any Error>>(capacity: workers * 4)
    let next = Guarded(0)
    let count = spare == nil ? min(workers, jobs.count) : workers
    let live = Guarded(count)
    let busy = Guarded(count)
    let stopHandOut: @Sendable () -> Void = { next.withLock { $0 = jobs.count } }
    let endWorker: @Sendable () -> Void = { if isLast(live) { results.close() } }
    let endJobs: @Sendable () -> Void = { if isLast(busy) { spare?.end() } }

    let work: @Sendable () -> Void = {
        do {
            let state = try makeState()
            while let job = next.withLock({ takeNext(from: jobs, at: &$0) }) {
                results.put(.success(try perform(state, job)))
            }
            endJobs()
            spare?.pass(state)
        } catch {
            stopHandOut()
            endJobs()
            results.put(.failure(error))
        }
        endWorker()
    }

    var threads: [WorkerThread] = []
    var failure: (any Error)?
    for _ in 0..<count {
        do {
            threads.append(try WorkerThread(work))
        } catch {
            // Fewer threads than wanted is a failure all the same: a limit of the system was hit.
            failure = failure ?? error
            stopHandOut()
            endJobs()
            endWorker()
        }
    }
    while let result = results.take() {
        do {
            let value = try result.get()
            if failure == nil { try collect(value) }
        } catch {
            failure = failure ?? error
            stopHandOut()
        }
    }
    for thread in threads { thread.join() }
    if let failure { throw failure }
}

/// What workers do in the time between their last job and the end of everybody's last job.
package struct SpareTime<State>: Sendable {
    /// Called once by each worker, on its thread, when there are no more jobs; returns soon after ``end`` was called.
    fileprivate let pass: @Sendable (State) -> Void
    /// Called once, when the last job has ended or failed.
    fileprivate let end: @Sendable () -> Void

    package init(pass: @escaping @Sendable (State) -> Void, end: @escaping @Sendable () -> Void) {
        self.pass = pass
        self.end = end
    }
}

/// Runs one closure for each element on several threads.
package func forEachInParallel<Element: Sendable>(
    _ elements: [Element], threads: Int, _ body: @escaping @Sendable (Element) throws -> Void
) throws {
    try runJobs(
        elements, workers: threads, makeState: {}, perform: { _, element in try body(element) }, collect: { _ in })
}

private func takeNext<Job>(from jobs: [Job], at index: inout Int) -> Job? {
    guard index < jobs.count else { return nil }
    defer { index += 1 }
    return jobs[index]
}

/// Counts down; whether nothing is left.
private func isLast(_ count: Guarded<Int>) -> Bool {
    count.withLock { value in
        value -= 1
        return value == 0
    }
}
