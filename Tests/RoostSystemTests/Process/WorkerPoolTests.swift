import Glibc
import RoostSystem
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    private struct Failure: Error, Equatable { var job: Int }

    @Test func `one worker does the jobs in order`() throws {
        var results: [Int] = []
        try runJobs(Array(0..<100), workers: 1, makeState: {}, perform: { $1 * 2 }, collect: { results.append($0) })
        #expect(results == (0..<100).map { $0 * 2 })
    }

    @Test(arguments: [1, 2, 3, 8, 64])
    func `every job is done once whatever the number of workers`(workers: Int) throws {
        var results: [Int] = []
        try runJobs(Array(0..<500), workers: workers, makeState: {}, perform: { $1 }, collect: { results.append($0) })
        #expect(results.sorted() == Array(0..<500))
    }

    @Test func `jobs are handed out in order`() throws {
        let started = Guarded<[Int]>([])
        try runJobs(
            Array(0..<200), workers: 4, makeState: {}, perform: { _, job in started.withLock { $0.append(job) } },
            collect: { _ in })
        let order = started.withLock { $0 }
        #expect(order.count == 200)
        // A worker may be overtaken between taking a job and noting it, but by no more than the others.
        #expect(order.enumerated().allSatisfy { abs($0.offset - $0.element) < 50 })
    }

    @Test func `each worker makes its state once and keeps it`() throws {
        final class State {
            let number: Int
            var jobs = 0
            init(_ number: Int) { self.number = number }
        }
        let made = Atomic<Int>(0)
        var last: [Int: Int] = [:]
        try runJobs(
            Array(0..<300), workers: 3, makeState: { State(made.add(1, ordering: .relaxed).newValue) },
            perform: { state, _ in
                state.jobs += 1
                return (state.number, state.jobs)
            },
            collect: { last[$0.0] = $0.1 })
        #expect(made.load(ordering: .relaxed) == 3)
        #expect(last.values.reduce(0, +) == 300)
    }

    private struct Spare {
        let passing = Guarded(0)
        let queue = BlockingQueue<Int>(capacity: 1)

        var time: SpareTime<Void> {
            SpareTime(
                pass: { [passing, queue] _ in
                    passing.withLock { $0 += 1 }
                    while queue.take() != nil {}
                },
                end: { [queue] in queue.close() })
        }

        func waitUntilPassing(_ count: Int) throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while passing.withLock({ $0 }) < count {
                try #require(ContinuousClock.now < deadline, "nobody passes spare time")
                sched_yield()
            }
        }
    }

    @Test func `workers that get no job pass spare time until the last job has ended`() throws {
        let spare = Spare()
        var results: [Int] = []
        try runJobs(
            [7], workers: 4, makeState: {},
            perform: { _, job in
                try spare.waitUntilPassing(3)
                return job
            },
            spare: spare.time, collect: { results.append($0) })
        #expect(results == [7] && spare.passing.withLock { $0 } == 4)
    }

    @Test func `a job or a start that fails ends spare time too`() throws {
        let spare = Spare()
        #expect(throws: Failure(job: 1)) {
            try runJobs(
                [1], workers: 3, makeState: {},
                perform: { _, job in
                    try spare.waitUntilPassing(2)
                    throw Failure(job: job)
                },
                spare: spare.time, collect: { (_: Int) in })
        }
        #expect(throws: Failure(job: 0)) {
            try runJobs(
                [1, 2], workers: 3, makeState: { throw Failure(job: 0) }, perform: { _, job in job },
                spare: Spare().time, collect: { _ in })
        }
    }

    @Test func `no more states are made than there are jobs, and none without jobs`() throws {
        let made = Atomic<Int>(0)
        try runJobs(
            [1], workers: 8, makeState: { _ = made.add(1, ordering: .relaxed) }, perform: { $1 }, collect: { _ in })
        #expect(made.load(ordering: .relaxed) == 1)
        try runJobs(
            [Int](), workers: 8, makeState: { _ = made.add(1, ordering: .relaxed) }, perform: { $1 }, collect: { _ in })
        #expect(made.load(ordering: .relaxed) == 1)
    }

    @Test(arguments: [1, 4])
    func `the error of a job stops the rest and is thrown`(workers: Int) {
        let done = Atomic<Int>(0)
        var collected = 0
        #expect(throws: Failure(job: 20)) {
            try runJobs(
                Array(0..<100_000), workers: workers, makeState: {},
                perform: { _, job in
                    guard job != 20 else { throw Failure(job: job) }
                    _ = done.add(1, ordering: .relaxed)
                }, collect: { collected += 1 })
        }
        #expect(done.load(ordering: .relaxed) < 100_000)
        #expect(collected <= done.load(ordering: .relaxed))
    }

    @Test func `of several errors the first counts`() {
        let isThrown = Guarded(false)
        #expect(throws: Failure(job: 3)) {
            try runJobs(
                Array(0..<10), workers: 4, makeState: {},
                perform: { _, job in
                    guard job != 3 else {
                        isThrown.withLock { $0 = true }
                        throw Failure(job: job)
                    }
                    while !isThrown.withLock({ $0 }) { usleep(1000) }
                    // From here it is a matter of microseconds.
                    usleep(200_000)
                    throw Failure(job: job)
                }, collect: { _ in })
        }
    }

    @Test(arguments: [1, 4])
    func `an error of the collector stops the rest and is thrown`(workers: Int) {
        var collected = 0
        #expect(throws: Failure(job: 7)) {
            try runJobs(
                Array(0..<100_000), workers: workers, makeState: {}, perform: { $1 },
                collect: { _ in
                    collected += 1
                    if collected == 7 { throw Failure(job: 7) }
                })
        }
        #expect(collected == 7)
    }

    @Test func `an error while a state is made is thrown`() {
        #expect(throws: Failure(job: -1)) {
            try runJobs(
                Array(0..<1000), workers: 3, makeState: { () throws -> Int in throw Failure(job: -1) }, perform: { $1 },
                collect: { _ in })
        }
    }

    @Test func `a slow collector holds the workers back without a deadlock`() throws {
        var collected = 0
        try runJobs(
            Array(0..<200), workers: 8, makeState: {}, perform: { $1 },
            collect: { _ in
                usleep(500)
                collected += 1
            })
        #expect(collected == 200)
    }

    @Test func `a closure runs for each element in parallel`() throws {
        let seen = Guarded(Set<Int>())
        try forEachInParallel(Array(0..<50), threads: 4) { element in seen.withLock { _ = $0.insert(element) } }
        #expect(seen.withLock { $0.count } == 50)
    }
}
