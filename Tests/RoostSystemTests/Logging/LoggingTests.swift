import RoostSystem
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        (UInt64(0), "0B"), (725, "725B"), (1023, "1023B"), (1024, "1KB"), (1075, "1KB"), (1076, "1.1KB"),
        (1536, "1.5KB"),
        (16_670, "16.3KB"), (1_048_524, "1023.9KB"), (1_048_525, "1024KB"), (1_048_575, "1024KB"), (1_048_576, "1MB"),
        (13_631_488, "13MB"), (8_656_369, "8.3MB"), (1_073_741_823, "1024MB"), (1_073_741_824, "1GB"),
        (1_099_511_627_776, "1024GB"), (.max, "17179869184GB"),
    ])
    func `sizes are rounded half up to one decimal`(bytes: UInt64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }
}

@Suite struct LogTests {
    @Test func `levels have upstream's names and order`() {
        let names = ["off", "error", "warn", "info", "detail", "debug", "trace"]
        #expect(names.compactMap { LogLevel(name: $0) } == [.off, .error, .warn, .info, .detail, .debug, .trace])
        #expect(LogLevel(name: "assert") == nil)
        #expect(LogLevel(name: "INFO") == nil)
        #expect(LogLevel.allCases == LogLevel.allCases.sorted())
    }

    @Test func `messages that nobody wants are not made`() {
        let log = CollectedLog()
        var made = 0
        func message() -> String {
            made += 1
            return "m"
        }
        log.debug(message())
        log.detail(message())
        log.warn("w")
        log.error(RoostError(.stop, "stopped", hints: ["start it"]))
        #expect(made == 1)
        #expect(log.lines == ["detail: m", "warn: w", "error: stopped\nHINT: start it"])
    }
}
