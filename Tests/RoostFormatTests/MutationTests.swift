import RoostFormat
import RoostSystem
import Testing

/// Damaged files of every kind: a parser throws a `RoostError` or finds nothing wrong, but never ends the process.
@Suite struct MutationTests {
    private static let rounds = 3000

    /// One change: a flipped bit, another byte, a cut, a part doubled, a part left out, or two parts exchanged.
    private func mutate(_ bytes: inout [UInt8], _ numbers: inout SeededNumbers) {
        guard !bytes.isEmpty else { return }
        let position = Int.random(in: 0..<bytes.count, using: &numbers)
        let part = position..<min(bytes.count, position + Int.random(in: 1...200, using: &numbers))
        switch Int.random(in: 0..<7, using: &numbers) {
        case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1: bytes[position] = UInt8.random(in: .min ... .max, using: &numbers)
        case 2: bytes.removeSubrange(position...)
        case 3: bytes.insert(contentsOf: bytes[part], at: position)
        case 4: bytes.removeSubrange(part)
        case 5: bytes[position] = Array("={}[]\",:\n\\-0.9".utf8).randomElement(using: &numbers) ?? 0
        default:
            let cut = bytes[part]
            bytes.removeSubrange(part)
            bytes.insert(contentsOf: cut, at: Int.random(in: 0...bytes.count, using: &numbers))
        }
    }

    /// Runs a parser on damaged variants, as they are and signed anew so that it sees the damage.
    private func damage(_ original: [UInt8], seed: UInt64, rounds: Int = rounds, _ parse: ([UInt8]) throws -> Void)
        throws
    {
        var numbers = SeededNumbers(seed: seed)
        for round in 0..<rounds {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &numbers) { mutate(&bytes, &numbers) }
            do {
                try parse(bytes)
            } catch is RoostError {
                continue
            } catch {
                Issue.record("round \(round) of seed \(seed) threw \(error)")
            }
        }
    }

    /// A file without its last section, to be signed after it was damaged.
    private func body(_ bytes: [UInt8]) -> [UInt8] {
        Array(text(bytes).split(separator: "\n\n[backrest]\n")[0].utf8) + [0x0A]
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `damaged archive info`(seed: UInt64) throws {
        try damage(body(Golden.bytes("2.60-block-archive.info")), seed: seed) { bytes in
            _ = try ArchiveInfo(parsing: signed(text(bytes)), object: "archive.info").render(version: "2.60.0")
        }
    }

    @Test(arguments: [UInt64(4), 5, 6])
    func `damaged backup info`(seed: UInt64) throws {
        try damage(body(Golden.bytes("2.60-gz-backup.info")), seed: seed, rounds: 1000) { bytes in
            _ = try BackupInfo(parsing: signed(text(bytes)), object: "backup.info").render(version: "2.60.0")
        }
    }

    @Test(arguments: ["2.60-gz-incr", "2.60-block-incr", "2.45-lz4-diff", "2.60-partial"])
    func `damaged manifests`(name: String) throws {
        try damage(body(Golden.bytes("\(name).manifest")), seed: 7, rounds: 400) { bytes in
            let manifest = try Manifest(testing: signed(text(bytes)))
            _ = manifest.entry
            for index in 0..<manifest.files.count {
                _ = manifest.storedPath(manifest.files.name(at: index), manifest.files[index])
                _ = manifest.holder(of: manifest.files[index])
            }
            _ = try Manifest(testing: try manifest.rendered)
        }
    }

    @Test(arguments: ["2.60-gz-backup.info", "2.60-block-archive.info", "2.60-gz-incr.manifest"])
    func `any damage to the bytes is noticed`(name: String) throws {
        let original = try Golden.bytes(name)
        try damage(original, seed: 8) { bytes in
            guard bytes != original else { return }
            if name.hasSuffix("manifest") {
                _ = try Manifest(testing: bytes)
            } else {
                _ = try InfoSections.parse(bytes, object: name)
            }
            // What passes all the same differs in empty lines, or says the checksum twice.
            #expect(lines(bytes) == lines(original))
        }
    }

    private func lines(_ bytes: [UInt8]) -> Set<Substring> { Set(text(bytes).split(separator: "\n")) }

    @Test func `damaged JSON`() throws {
        let original = Array(
            #"{"a":[1,-2,{"b":"x\n\"\u00c3\u00bc"}],"c":{"d":null,"e":true},"f":18446744073709551615,"g":""}"#.utf8)
        try damage(original, seed: 9, rounds: 10_000) { bytes in
            let value = try JSONValue(parsing: bytes.span)
            #expect(try JSONValue(parsing: value.text).text == value.text)
        }
    }

    @Test func `noise in place of a file`() throws {
        var numbers = SeededNumbers(seed: 10)
        for length in 0..<600 {
            let noise = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &numbers) }
            #expect(code { _ = try Manifest(testing: noise) } != nil)
            #expect(code { _ = try JSONValue(parsing: noise.span) } == .jsonFormat || length == 1)
        }
    }
}
