internal import RoostSystem

/// How often a job of a backup or a restore is tried again when it failed.
struct JobRetry: Sendable {
    var retries: Int
    /// Before each retry but the first, which follows at once; in milliseconds.
    var interval: Int64

    /// Does a job, trying again where a failure may pass.
    ///
    /// - Parameters:
    ///   - isLasting: Whether a failure will not pass.
    ///   - body: The job; gets the number of the try, from 0.
    /// - Throws: The first failure, if the last try failed too.
    func run<Value>(
        endingAt isLasting: (RoostError) -> Bool = { _ in false },
        _ body: (_ attempt: Int) throws(RoostError) -> Value
    ) throws(RoostError) -> Value {
        var first: RoostError?
        for attempt in 0...retries {
            if attempt > 1 { try Interrupt.sleep(milliseconds: interval) }
            do {
                return try body(attempt)
            } catch {
                if error.isFatal { throw error }
                first = first ?? error
                if isLasting(error) { break }
            }
        }
        throw first ?? RoostError(.assert, "a job failed without an error")
    }
}
