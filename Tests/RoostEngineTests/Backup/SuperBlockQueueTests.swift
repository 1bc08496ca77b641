import RoostSystem
import Testing

@testable import RoostEngine

struct SuperBlockQueueTests {
    /// Waits until a number of workers serve a queue.
    private func waitForAssistants(_ count: Int, _ queue: SuperBlockQueue) throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while queue.assistants < count { try #require(clock.now < deadline, "no worker serves the queue") }
    }

    @Test func `a reader with a worker at hand gets its super blocks compressed by both`() throws {
        let queue = SuperBlockQueue()
        let byAssistant = Guarded(0)
        let thread = try WorkerThread {
            queue.serve { superBlock in
                superBlock.compressed = [1]
                byAssistant.withLock { $0 += 1 }
            }
        }
        try waitForAssistants(1, queue)
        var byReader = 0
        // The reader waits for what the assistant has; so sooner or later each does one.
        while byReader == 0 || byAssistant.withLock({ $0 }) == 0 {
            let offered = (0..<3).map { _ in SuperBlock(capacity: 1) }
            for superBlock in offered { queue.offer(superBlock) }
            for superBlock in offered {
                try queue.wait(for: superBlock) { other in
                    other.compressed = [2]
                    byReader += 1
                }
                #expect(superBlock.compressed.count == 1)
            }
        }
        queue.close()
        thread.join()
    }

    @Test func `what fails with an assistant fails for the reader`() throws {
        let queue = SuperBlockQueue()
        let thread = try WorkerThread { queue.serve { _ throws(RoostError) in throw diskFailure } }
        try waitForAssistants(1, queue)
        let superBlock = SuperBlock(capacity: 1)
        queue.offer(superBlock)
        let error = failure { try queue.wait(for: superBlock) { _ throws(RoostError) in throw diskFailure } }
        #expect(error?.code == .fileWrite)
        queue.close()
        thread.join()
    }

    @Test func `without anybody else a reader compresses what it has offered`() throws {
        let queue = SuperBlockQueue()
        let offered = (0..<3).map { _ in SuperBlock(capacity: 1) }
        for superBlock in offered { queue.offer(superBlock) }
        var done = 0
        for superBlock in offered { try queue.wait(for: superBlock) { _ in done += 1 } }
        #expect(done == 3)
    }
}
