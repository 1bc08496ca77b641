import RoostSystem
import Testing

@testable import RoostEngine

struct JobRetryTests {
    /// - Returns: The numbers of the tries, and what came of them.
    private func run(
        _ codes: [ErrorCode], retries: Int, lasting: Set<ErrorCode> = []
    ) -> (tries: [Int], message: String) {
        var tries: [Int] = []
        let error = failure {
            try JobRetry(retries: retries, interval: 0).run(endingAt: { lasting.contains($0.code) }) {
                attempt throws(RoostError) in
                tries.append(attempt)
                guard attempt < codes.count else { return }
                throw RoostError(codes[attempt], "failure \(attempt)")
            }
        }
        return (tries, error?.message ?? "done")
    }

    @Test func `a job is tried until it succeeds or no retry is left, and the first failure is told`() {
        #expect(run([], retries: 2) == ([0], "done"))
        #expect(run([.fileRead, .fileRead], retries: 2) == ([0, 1, 2], "done"))
        #expect(run([.fileRead, .fileWrite], retries: 1) == ([0, 1], "failure 0"))
        #expect(run([.fileRead], retries: 0) == ([0], "failure 0"))
    }

    @Test func `what will not pass ends it, a signal with its own error`() {
        #expect(run([.fileRead, .checksum, .fileRead], retries: 5, lasting: [.checksum]) == ([0, 1], "failure 0"))
        #expect(run([.fileRead, .term], retries: 5) == ([0, 1], "failure 1"))
    }
}
