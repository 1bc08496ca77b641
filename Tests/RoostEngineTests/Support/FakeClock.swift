import RoostSystem

/// Shows the time that a test sets; a sleep moves it on at once.
final class FakeClock: WallClock {
    private let time: Guarded<UnixTime>
    private let atSleep = Guarded<@Sendable () -> Void>({})

    init(_ seconds: Int64) { time = Guarded(UnixTime(seconds: seconds)) }

    /// What happens whenever somebody sleeps.
    func whenSleeping(_ body: @escaping @Sendable () -> Void) { atSleep.withLock { $0 = body } }

    func now() -> UnixTime { time.withLock { $0 } }

    func sleep(milliseconds: Int64) {
        time.withLock { time in
            let nanoseconds = Int64(time.nanoseconds) + max(milliseconds, 0) * 1_000_000
            time.seconds += nanoseconds / 1_000_000_000
            time.nanoseconds = Int32(nanoseconds % 1_000_000_000)
        }
        atSleep.withLock { $0 }()
    }

    func set(_ seconds: Int64, nanoseconds: Int32 = 0) {
        time.withLock { $0 = UnixTime(seconds: seconds, nanoseconds: nanoseconds) }
    }

    func advance(_ seconds: Int64) { time.withLock { $0.seconds += seconds } }

    /// 14:15:14 on the 22nd of November 2026 by the clock on the wall, wherever the test runs.
    static let start = LocalTime.seconds(year: 2026, month: 11, day: 22, hour: 14, minute: 15, second: 14)
}
