import RoostPostgres
import RoostSystem
import Testing

@Suite struct ControlFileReadingTests {
    @Test func `a good file is read once and padded`() throws {
        let cluster = try TemporaryDirectory()
        let bytes = try Fixture.hexadecimal("pg_control-16.hex")
        try cluster.write(bytes + [UInt8](repeating: 7, count: 7680), to: ControlFile.relativePath)
        let clock = ScriptedClock { _ in Issue.record("nothing was to be waited for") }
        let reading = try ControlFile.read(dataDirectory: cluster.path, clock: clock)
        #expect(reading.file.version.text == "16")
        #expect(reading.fileBytes == bytes + [UInt8](repeating: 0, count: 7680))
    }

    @Test func `a torn read is repeated until it is whole`() throws {
        let cluster = try TemporaryDirectory()
        let bytes = try Fixture.hexadecimal("pg_control-16.hex")
        @Sendable func torn(_ round: Int) -> [UInt8] { bytes[0..<40] + [UInt8](repeating: UInt8(round), count: 472) }
        try cluster.write(torn(0), to: ControlFile.relativePath)
        let clock = ScriptedClock { round in
            try? cluster.write(round == 3 ? bytes : torn(round), to: ControlFile.relativePath)
        }
        #expect(try ControlFile.read(dataDirectory: cluster.path, clock: clock).file.version.text == "16")
        #expect(clock.sleeps == [50, 50, 50])
    }

    @Test func `the same bad bytes twice are an error`() throws {
        let cluster = try TemporaryDirectory()
        var bytes = try Fixture.hexadecimal("pg_control-16.hex")
        bytes[40] ^= 1
        try cluster.write(bytes, to: ControlFile.relativePath)
        let clock = ScriptedClock { _ in }
        let error = failure { _ = try ControlFile.read(dataDirectory: cluster.path, clock: clock) }
        #expect(error?.code == .checksum)
        #expect(error?.message.contains("\(cluster.path)/global/pg_control") == true)
        #expect(clock.sleeps == [50])
    }

    @Test func `a missing and a short file are errors`() throws {
        let cluster = try TemporaryDirectory()
        let clock = ScriptedClock { _ in }
        #expect(failure { _ = try ControlFile.read(dataDirectory: cluster.path, clock: clock) }?.code == .fileMissing)
        try cluster.write([1, 2, 3], to: ControlFile.relativePath)
        #expect(failure { _ = try ControlFile.read(dataDirectory: cluster.path, clock: clock) }?.code == .fileRead)
    }
}

/// A clock that stands still and runs a script whenever somebody waits.
final class ScriptedClock: WallClock {
    private let script: @Sendable (Int) -> Void
    private let waits = Guarded<[Int64]>([])

    var sleeps: [Int64] { waits.withLock { $0 } }

    /// - Parameter script: Gets how often has been waited, from 1.
    init(_ script: @escaping @Sendable (Int) -> Void) { self.script = script }

    func now() -> UnixTime { UnixTime(seconds: 0) }

    func sleep(milliseconds: Int64) {
        script(
            waits.withLock { list in
                list.append(milliseconds)
                return list.count
            }
        )
    }
}
