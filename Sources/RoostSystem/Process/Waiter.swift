/// The rhythm in which a condition is tried until a time limit: at once, then after 0.1, 0.2, 0.3, 0.5, 0.8 seconds and so on.
///
/// At least two retries are made even if the time is used up (specification `backup`, section 4.1).
package struct Waiter {
    private let clock: any WallClock
    private let start: Int64
    private let timeout: Int64
    private var sleep: Int64
    private var previous: Int64 = 0
    private var retries = 0

    /// - Parameter timeout: In milliseconds.
    package init(timeout: Int64, clock: any WallClock) {
        self.clock = clock
        self.timeout = timeout
        start = monotonicMilliseconds()
        sleep = timeout >= 1000 ? 100 : timeout / 10
    }

    /// Waits for the next try.
    ///
    /// - Returns: False when the time is over and nothing more is to be tried.
    /// - Throws: ``ErrorCode/term`` when a signal came meanwhile.
    package mutating func waitAgain() throws(RoostError) -> Bool {
        try Interrupt.check()
        let remaining = timeout - (monotonicMilliseconds() - start)
        guard remaining > 0 || retries < 2 else { return false }
        clock.sleep(milliseconds: max(0, min(sleep, remaining)))
        (previous, sleep) = (sleep, previous == 0 ? sleep * 2 : sleep + previous)
        retries += 1
        try Interrupt.check()
        return true
    }
}
