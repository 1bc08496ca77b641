import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@testable import RoostEngine

/// Small files that asynchronous archiving leaves for itself, changed at random: they are refused, never a trap.
struct ArchiveMutationTests {
    /// Digits and signs that such files are made of: a change mostly leaves something that can still be read.
    private static let alphabet = Array("0123456789ABCDEF\",:{}[]-.\n\\x".utf8)

    private func mutated(_ bytes: [UInt8], _ numbers: inout Numbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &numbers) {
            guard !bytes.isEmpty else { break }
            let position = Int.random(in: 0..<bytes.count, using: &numbers)
            switch UInt8.random(in: 0..<8, using: &numbers) {
            case 0: bytes.remove(at: position)
            case 1: bytes.removeLast(bytes.count - position)
            case 2: bytes[position] = .random(in: 0...255, using: &numbers)
            case 3: bytes.insert(bytes[position], at: position)
            default: bytes[position] = Self.alphabet.randomElement(using: &numbers) ?? 0
            }
        }
        return bytes
    }

    @Test func `records of gaps`() {
        var numbers = Numbers(state: 7)
        let gap = ArchiveGap(
            archiveID: ArchiveID(version: "15", historyID: 1), first: segment(3), last: segment(0xF6, high: 2),
            segmentSize: 16 << 20, time: 100, reason: "archive queue exceeded 1GB")
        var good = 0
        for _ in 0..<20_000 {
            let bytes = mutated(gap.render(), &numbers)
            guard let read = try? ArchiveGap(parsing: bytes, object: "x") else { continue }
            good += 1
            #expect(read.count > 0 && !read.description.isEmpty)
            #expect((try? ArchiveGap(parsing: read.render(), object: "x")) == read, "what is written can be read")
            #expect(!ArchiveGap.merged([read, gap]).isEmpty)
            #expect(!LocalTime(read.time).text.isEmpty)
        }
        #expect((100..<20_000).contains(good), "both kinds occur")
    }

    @Test func `status files`() {
        var numbers = Numbers(state: 8)
        var good = 0
        for _ in 0..<20_000 {
            let bytes = mutated(Array("45\nWAL file exists\n".utf8), &numbers)
            guard let message = try? SpoolMessage(parsing: bytes, file: "S.ok") else { continue }
            good += 1
            #expect(!message.warning(of: "S").isEmpty || message.code == 0)
            #expect(message.error.message == message.text)
        }
        #expect((100..<20_000).contains(good), "both kinds occur")
    }

    @Test func `the witness of a life`() throws {
        var numbers = Numbers(state: 9)
        var life = SpoolLife(cluster: try Fixture.identity(), dataDirectory: "/data", archive: "/repo/archive/demo")
        (life.directory, life.incarnation, life.boot) = ("archive/demo/15-1", "64768-12-1763817314", "b1")
        var good = 0
        for _ in 0..<20_000 {
            let bytes = mutated(Array(life.text.utf8), &numbers)
            guard let read = SpoolLife(parsing: String(decoding: bytes, as: UTF8.self)) else { continue }
            good += 1
            #expect(SpoolLife(parsing: read.text) == read)
        }
        #expect((100..<20_000).contains(good), "both kinds occur")
    }
}

/// A reproducible source of random numbers (SplitMix64).
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
