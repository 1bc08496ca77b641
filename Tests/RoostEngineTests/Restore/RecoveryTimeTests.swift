import RoostSystem
import Testing

@testable import RoostEngine

/// `--target` of type time (specification `restore`, section 3).
struct RecoveryTimeTests {
    @Test(
        arguments: [
            ("1970-01-01 00:00:00+00", 0),
            ("2026-11-22 14:15:14+00", 1_795_356_914),
            ("2026-11-22 14:15:14-00", 1_795_356_914),
            ("2026-11-22 14:15:14 +00", 1_795_356_914),
            ("2026-11-22 14:15:14.999+00", 1_795_356_914),
            ("2026-11-22 14:15:14.123456 +00:00", 1_795_356_914),
            ("2026-11-22 15:15:14+01", 1_795_356_914),
            ("2026-11-22 19:45:14+0530", 1_795_356_914),
            ("2026-11-22 19:45:14+05:30", 1_795_356_914),
            ("2026-11-22 10:45:14-03:30", 1_795_356_914),
            ("2026-11-22 02:15:14-1200", 1_795_356_914),
            ("2000-02-29 23:59:59+00", 951_868_799),
            ("2024-02-29 00:00:00+00", 1_709_164_800),
            ("2024-03-01 00:00:00+00", 1_709_251_200),
            ("2100-03-01 00:00:00+00", 4_107_542_400),
            ("1969-12-31 23:59:59+00", -1),
        ] as [(String, Int64)])
    func `a moment with a zone`(text: String, seconds: Int64) throws {
        let time = try RecoveryTime(text)
        #expect(time.seconds == seconds)
        #expect(time.hasZone)
    }

    @Test(arguments: ["", ".5", " ", ".25 "])
    func `without a zone it is the clock on the wall`(rest: String) throws {
        let local = LocalTime.seconds(year: 2026, month: 7, day: 1, hour: 12, minute: 30, second: 5)
        let time = try RecoveryTime("2026-07-01 12:30:05\(rest)")
        #expect(time.seconds == local)
        #expect(!time.hasZone)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22 14:15", "2026-11-22T14:15:14", "2026-11-22 14:15:14.", "2026-11-22 14:15:14+",
        "2026-11-22 14:15:14+1", "2026-11-22 14:15:14+01:", "2026-11-22 14:15:14+01:3", "2026-11-22 14:15:14+013",
        "2026-11-22 14:15:14+01:300", "2026-11-22 14:15:14+16", "2026-11-22 14:15:14+01:60", "2026-11-22 14:15:14Z",
        "2026-11-22 14:15:14 UTC", "2026-13-22 14:15:14", "2026-00-22 14:15:14", "2026-11-31 14:15:14",
        "2026-11-00 14:15:14", "2026-02-29 14:15:14", "2100-02-29 14:15:14", "2026-11-22 24:15:14",
        "2026-11-22 14:60:14",
        "2026-11-22 14:15:60", "26-11-22 14:15:14", "2026-1-22 14:15:14", "2026-11-22 4:15:14", "+026-11-22 14:15:14",
        "2026-11-22  14:15:14", " 2026-11-22 14:15:14", "yesterday", "2026-11-22 14:15:14  +00", "٢٠٢٦-11-22 14:15:14",
    ])
    func `anything else is a format error that shows it`(text: String) {
        let error = failure { _ = try RecoveryTime(text) }
        #expect(error?.code == .format)
        #expect(error?.message.contains("'\(text)'") == true)
    }

    @Test func `every day from 1970 to 2400 is one day after the day before`() throws {
        var expected: Int64 = 0
        for year in 1970..<2400 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (month, days) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                // The first and last of a month say enough, in a hundredth of the time.
                for day in [1, days] {
                    let time = try RecoveryTime("\(year)-\(pad(month + 1))-\(pad(day)) 00:00:00+00").seconds
                    #expect(time == (expected + Int64(day) - 1) * 86_400)
                }
                expected += Int64(days)
            }
        }
    }

    @Test(arguments: [UInt64](1...20))
    func `a mutated time is read or refused, never a trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var bytes = Array("2026-11-22 14:15:14.123+05:30".utf8)
            for _ in 0...generator.next() % 3 {
                let position = Int(generator.next() % UInt64(bytes.count))
                switch generator.next() % 3 {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: generator.next())
                case 1: bytes.remove(at: position)
                default: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: position)
                }
            }
            let error = failure { _ = try RecoveryTime(String(decoding: bytes, as: UTF8.self)) }
            #expect(error == nil || error?.code == .format)
        }
    }
}
