import Glibc
import RoostSystem
import Testing

/// Notes how long it was asked to sleep, and sleeps that long only if it is told to.
private final class NotingClock: WallClock {
    private let sleeps = Guarded<[Int64]>([])
    private let sleepsIndeed: Bool

    init(sleepsIndeed: Bool) { self.sleepsIndeed = sleepsIndeed }

    var noted: [Int64] { sleeps.withLock { $0 } }

    func now() -> UnixTime { UnixTime(seconds: 0) }

    func sleep(milliseconds: Int64) {
        sleeps.withLock { $0.append(milliseconds) }
        if sleepsIndeed { SystemClock().sleep(milliseconds: milliseconds) }
    }
}

@Suite struct WaiterTests {
    @Test func `each sleep is the sum of the two before it`() throws {
        let clock = NotingClock(sleepsIndeed: false)
        var waiter = Waiter(timeout: 3_600_000, clock: clock)
        for _ in 0..<8 { #expect(try waiter.waitAgain()) }
        #expect(clock.noted == [100, 200, 300, 500, 800, 1300, 2100, 3400])
    }

    @Test func `below a second the first sleep is a tenth of the limit`() throws {
        let clock = NotingClock(sleepsIndeed: false)
        var waiter = Waiter(timeout: 900, clock: clock)
        for _ in 0..<4 { #expect(try waiter.waitAgain()) }
        #expect(clock.noted == [90, 180, 270, 450])
    }

    @Test func `two retries are made even without any time`() throws {
        let clock = NotingClock(sleepsIndeed: false)
        var waiter = Waiter(timeout: 0, clock: clock)
        #expect(try waiter.waitAgain())
        #expect(try waiter.waitAgain())
        #expect(try !waiter.waitAgain())
        #expect(clock.noted == [0, 0])
    }

    @Test func `the last sleep ends at the limit`() throws {
        let clock = NotingClock(sleepsIndeed: true)
        var waiter = Waiter(timeout: 200, clock: clock)
        let start = monotonicMilliseconds()
        while try waiter.waitAgain() {}
        #expect(monotonicMilliseconds() - start >= 200)
        #expect(clock.noted.prefix(3) == [20, 40, 60])
        #expect(clock.noted.reduce(0, +) <= 200)
    }
}

/// The time zone is read when a process starts, hence the processes.
@Suite struct LocalTimeTests {
    @Test func `the parts of a moment in a zone half an hour off`() async {
        await #expect(processExitsWith: .success) {
            setenv("TZ", "NST3:30", 1)
            let time = LocalTime(1_795_356_914)
            #expect(time.text == "2026-11-22 10:45:14")
            #expect(time.compact == "20261122-104514")
            #expect(time.offset == -12_600)
            #expect(time.offsetText == "-03:30")
            #expect(
                LocalTime.seconds(year: 2026, month: 11, day: 22, hour: 10, minute: 45, second: 14) == 1_795_356_914)
        }
    }

    @Test func `summer time is told by the offset`() async {
        await #expect(processExitsWith: .success) {
            setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1)
            #expect(LocalTime(1_782_864_000).offsetText == "+02")
            #expect(LocalTime(1_767_225_600).offsetText == "+01")
            #expect(LocalTime(1_767_225_600).text == "2026-01-01 01:00:00")
            #expect(LocalTime.seconds(year: 2026, month: 7, day: 1, hour: 2, minute: 0, second: 0) == 1_782_864_000)
        }
    }

    @Test func `years before 1970 and far ones`() async {
        await #expect(processExitsWith: .success) {
            setenv("TZ", "UTC0", 1)
            #expect(LocalTime(-1).text == "1969-12-31 23:59:59")
            #expect(LocalTime(253_402_300_799).compact == "99991231-235959")
            #expect(LocalTime(0).offsetText == "+00")
        }
    }

    @Test(arguments: [(0, 2, "00"), (7, 2, "07"), (123, 2, "123"), (5, 4, "0005")])
    func `numbers are padded with zeros`(value: Int, width: Int, text: String) {
        #expect(pad(value, width) == text)
    }

    @Test func `moments order by seconds, then by nanoseconds`() {
        #expect(UnixTime(seconds: 1, nanoseconds: 5) < UnixTime(seconds: 1, nanoseconds: 6))
        #expect(UnixTime(seconds: 1, nanoseconds: 9) < UnixTime(seconds: 2))
        #expect(UnixTime(seconds: 2, nanoseconds: 1_999_999).milliseconds == 2001)
    }
}

@Suite struct InterruptTests {
    @Test(arguments: [(SIGHUP, "SIGHUP"), (SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")])
    func `a signal ends a command at its next check`(number: Int32, name: String) async {
        await #expect(processExitsWith: .exitCode(63)) { [number, name] in
            Interrupt.install()
            try Interrupt.check()
            // To the process: this thread is one of those that take no signals.
            kill(getpid(), number)
            exitWithStatus {
                do {
                    for _ in 0..<500 {
                        try Interrupt.check()
                        usleep(10_000)
                    }
                } catch let error as RoostError {
                    guard error.message == "terminated on signal [\(name)]" else { exit(1) }
                    throw error
                }
            }
        }
    }

    @Test func `a closed pipe is an error of the write, not the end of the process`() async {
        await #expect(processExitsWith: .exitCode(64)) {
            Interrupt.install()
            var ends: [Int32] = [0, 0]
            pipe(&ends)
            close(ends[0])
            let file = try OwnedDescriptor.open("/proc/self/fd/\(ends[1])", O_WRONLY, 0, "write")
            exitWithStatus { try file.write("x".utf8.span.bytes) }
        }
    }
}
