internal import RoostSystem

/// A moment as `--target` gives it: `YYYY-MM-DD HH:MM:SS[.fff][+/-HH[:MM]]`, in the time zone of the host if it has none.
struct RecoveryTime {
    /// Whole seconds; a fraction is cut off.
    let seconds: Int64
    /// Whether the text names its time zone.
    let hasZone: Bool

    /// - Throws: ``ErrorCode/format``.
    init(_ text: String) throws(RoostError) {
        var scanner = Scanner(Array(text.utf8))
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take(" "), let hour = scanner.number(2), scanner.take(":"),
            let minute = scanner.number(2), scanner.take(":"), let second = scanner.number(2),
            (1...12).contains(month), (1...Self.days(in: month, year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { throw Self.invalid(text) }
        if scanner.take(".") { guard scanner.skipDigits() else { throw Self.invalid(text) } }
        _ = scanner.take(" ")
        hasZone = !scanner.isAtEnd
        if scanner.isAtEnd {
            seconds = LocalTime.seconds(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
            return
        }
        let sign: Int64 = scanner.take("-") ? -1 : 1
        guard sign == -1 || scanner.take("+"), let hours = scanner.number(2) else { throw Self.invalid(text) }
        var minutes = 0
        if scanner.take(":") {
            guard let value = scanner.number(2) else { throw Self.invalid(text) }
            minutes = value
        } else if let value = scanner.number(2) {
            minutes = value
        }
        guard scanner.isAtEnd, hours <= 15, minutes < 60 else { throw Self.invalid(text) }
        let days = Self.daysSince1970(year, month, day)
        seconds = Int64(days * 86400 + hour * 3600 + minute * 60 + second) - sign * Int64(hours * 3600 + minutes * 60)
    }

    private static func invalid(_ text: String) -> RoostError {
        RoostError(
            .format, "automatic backup set selection cannot be performed with provided time '\(text)'",
            hints: [
                "time format must be YYYY-MM-DD HH:MM:SS with optional msec and optional timezone (+/- HH or HHMM or HH:MM)"
            ])
    }

    private static func days(in month: Int, _ year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Counts days with years that begin in March, so that a leap day comes last.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private struct Scanner {
        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        mutating func take(_ character: Character) -> Bool {
            guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
            position += 1
            return true
        }

        mutating func number(_ digits: Int) -> Int? {
            guard position + digits <= bytes.count else { return nil }
            let part = bytes[position..<position + digits]
            guard part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            position += digits
            return part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        mutating func skipDigits() -> Bool {
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            return position > start
        }
    }
}
