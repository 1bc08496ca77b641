package import RoostSystem

/// A worker that was started and goes on by itself.
package final class DetachedProcessHandle {
    private var process: DetachedProcess

    package init(_ process: consuming DetachedProcess) { self.process = process }

    func isOver() -> Bool { process.isOver() }
}

/// Starts a worker, after a preparation that runs while the lock keeps every other worker out and that says what the worker is to
/// work on.
///
/// Returns nil where another worker runs, or where there is nothing to work on.
package typealias WorkerStart =
    (_ prepare: () throws(RoostError) -> [String]) throws(RoostError) -> DetachedProcessHandle?

/// Keeps one worker at work while the foreground waits: starts one where none runs, and another when that one has died.
final class WorkerStarter {
    /// Between two starts by the same foreground, in milliseconds: a worker that dies at once must not fill the machine.
    private static let pause: Int64 = 1000

    private let start: WorkerStart
    private var worker: DetachedProcessHandle?
    private var nextTry: Int64 = 0

    init(_ start: @escaping WorkerStart) { self.start = start }

    /// Whether this foreground has started a worker.
    var hasStarted: Bool { worker != nil }

    /// Whether the worker of this foreground is at work.
    func isRunning() -> Bool { worker.map { !$0.isOver() } ?? false }

    /// - Parameter prepare: As for ``WorkerStart``.
    func startIfNoneRuns(_ prepare: () throws(RoostError) -> [String]) throws(RoostError) {
        guard !isRunning() else { return }
        let now = monotonicMilliseconds()
        guard now >= nextTry else { return }
        if let started = try start(prepare) {
            worker = started
            nextTry = now + Self.pause
        } else {
            nextTry = now + 20
        }
    }
}

/// Waits in short steps that grow from 1 to 50 ms: what is waited for takes milliseconds, or long.
struct ShortPause {
    private let clock: any WallClock
    private let end: Int64
    private var step: Int64 = 1
    private var retries = 0

    /// - Parameter timeout: In milliseconds.
    init(timeout: Int64, clock: any WallClock) {
        self.clock = clock
        end = monotonicMilliseconds() + timeout
    }

    /// Waits for the next try.
    ///
    /// - Returns: False when the time is over; at least two tries are made.
    /// - Throws: ``ErrorCode/term`` when a signal came meanwhile.
    mutating func again() throws(RoostError) -> Bool {
        try Interrupt.check()
        let remaining = end - monotonicMilliseconds()
        guard remaining > 0 || retries < 2 else { return false }
        clock.sleep(milliseconds: max(1, min(step, remaining)))
        step = min(step * 2, 50)
        retries += 1
        try Interrupt.check()
        return true
    }
}
