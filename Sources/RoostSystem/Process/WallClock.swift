internal import Glibc

/// A moment, counted from 1970 in UTC.
package struct UnixTime: Sendable, Hashable, Comparable {
    package var seconds: Int64
    package var nanoseconds: Int32

    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds) / 1_000_000 }

    package static func < (left: UnixTime, right: UnixTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// Where the time comes from; a test hands in its own.
package protocol WallClock: Sendable {
    func now() -> UnixTime
    func sleep(milliseconds: Int64)
}

/// The clock of the machine.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    package func sleep(milliseconds: Int64) {
        guard milliseconds > 0 else { return }
        var rest = timespec(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
        nanosleep(&rest, nil)  // a signal ends it early, which callers that loop welcome
    }
}

/// Seconds since the machine started, for measuring how long something took.
package func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// The parts of a moment in the time zone of the host.
package struct LocalTime: Sendable, Equatable {
    package var year, month, day, hour, minute, second: Int
    /// East of UTC, in seconds.
    package var offset: Int

    package init(_ seconds: Int64) {
        var parts = tm()
        var value = time_t(seconds)
        localtime_r(&value, &parts)
        (year, month, day) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday))
        (hour, minute, second) = (Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec))
        offset = parts.tm_gmtoff
    }

    /// The moment that the host's clock shows so; an hour that a summer-time change skips or repeats is resolved by the C library.
    package static func seconds(
        year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int
    ) -> Int64 {
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        parts.tm_hour = Int32(hour)
        parts.tm_min = Int32(minute)
        parts.tm_sec = Int32(second)
        parts.tm_isdst = -1
        return Int64(mktime(&parts))
    }

    /// `2026-11-22 14:15:14`.
    package var text: String { "\(pad(year, 4))-\(pad(month))-\(pad(day)) \(pad(hour)):\(pad(minute)):\(pad(second))" }

    /// `20261122-141514`, as in backup labels.
    package var compact: String { "\(pad(year, 4))\(pad(month))\(pad(day))-\(pad(hour))\(pad(minute))\(pad(second))" }

    /// `+00`, `-03:30`.
    package var offsetText: String {
        let minutes = abs(offset) / 60
        let hours = "\(offset < 0 ? "-" : "+")\(pad(minutes / 60))"
        return minutes % 60 == 0 ? hours : "\(hours):\(pad(minutes % 60))"
    }
}

/// A number with leading zeros.
package func pad(_ value: Int, _ width: Int = 2) -> String {
    let digits = String(value)
    return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
}
