/// Runs a list of jobs on a fixed number of threads and returns results to the caller's thread.
///
/// Each worker makes its own state once (a pipeline, buffers, a connection) and keeps it for all its jobs. Jobs are handed
/// out in order. `collect` runs on the calling thread alone, which therefore owns manifest, progress and log without locks.
/// The first error, of a job or of `collect`, stops the hand-out; it is thrown when every worker has returned.
///
/// - Parameters:
///   - workers: At least 1; no more threads than jobs are started.
///   - makeState: Called once on each worker's thread.
///   - perform: One job on a worker's thread. Long jobs check ``Interrupt``.
///   - collect: Called with each result in the order of completion.
package func runJobs<Job: Sendable, Result: Sendable, State>(
    _ jobs: [Job], workers: Int,
    makeState: @escaping @Sendable () throws -> State,
    perform: @escaping @Sendable (State, Job) throws -> Result,
    collect: (Result) throws -> Void
) throws {
    guard !jobs.isEmpty else { return }
    let results = BlockingQueue<Swift.Result<Result, any Error>>(capacity: workers * 4)
    let next = Guarded(0)
    let live = Guarded(min(workers, jobs.count))
    let stopHandOut: @Sendable () -> Void = { next.withLock { $0 = jobs.count } }
    let endWorker: @Sendable () -> Void = {
        let remaining = live.withLock { value in
            value -= 1
            return value
        }
        if remaining == 0 { results.close() }
    }

    let work: @Sendable () -> Void = {
        do {
            let state = try makeState()
            while let job = next.withLock({ takeNext(from: jobs, at: &$0) }) {
                results.put(.success(try perform(state, job)))
            }
        } catch {
            stopHandOut()
            results.put(.failure(error))
        }
        endWorker()
    }

    var threads: [WorkerThread] = []
    var failure: (any Error)?
    for _ in 0..<min(workers, jobs.count) {
        do {
            threads.append(try WorkerThread(work))
        } catch {
            // Fewer threads than wanted is a failure all the same: a limit of the system was hit.
            failure = failure ?? error
            stopHandOut()
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
