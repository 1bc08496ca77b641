import RoostFormat
import RoostSystem
import Testing

/// Maps of files that grow, shrink and change through many backups, as a writer makes them.
struct BlockMapHistoryTests {
    @Test(arguments: 0..<60) func `maps of random histories come back as they were`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed + 1)
        let blockSize = [8192, 16384, 90112].randomElement(using: &numbers) ?? 8192
        let checksumSize = Int.random(in: BlockChecksum.sizes, using: &numbers)
        var map = BlockMap(blockSize: blockSize, checksumSize: checksumSize)
        for reference in 0..<12 {
            map = next(map, reference, &numbers)
            guard !map.blocks.isEmpty else { continue }
            let bytes = map.render()
            let read = try BlockMap(
                parsing: bytes.span, blockSize: blockSize, checksumSize: checksumSize, referenceCount: reference + 1)
            #expect(read == map)
            #expect(read.render() == bytes)
            map = read
        }
    }

    @Test(arguments: 0..<20) func `damaged maps throw or are maps`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed + 1000)
        var map = BlockMap(blockSize: 8192, checksumSize: 6)
        for reference in 0..<6 { map = next(map, reference, &numbers) }
        let original = map.render()
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                guard !bytes.isEmpty else { break }
                let place = Int.random(in: 0..<bytes.count, using: &numbers)
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &numbers)
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
                case 2: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: .min ... .max, using: &numbers), at: place)
                }
            }
            do {
                let read = try BlockMap(parsing: bytes.span, blockSize: 8192, checksumSize: 6, referenceCount: 6)
                #expect(read.blocks.count <= bytes.count / 6)
                let again = read.render()
                #expect(
                    try BlockMap(parsing: again.span, blockSize: 8192, checksumSize: 6, referenceCount: 6) == read)
            } catch {
                #expect(error.code == .format)
            }
        }
    }

    @Test func `noise throws or is a map`() {
        var numbers = SeededNumbers(seed: 77)
        for length in 0..<4000 {
            let noise = (0..<length % 90).map { _ in UInt8.random(in: .min ... .max, using: &numbers) }
            let found = code {
                _ = try BlockMap(parsing: noise.span, blockSize: 8192, checksumSize: 6, referenceCount: 300)
            }
            #expect(found == .format || found == nil)
        }
    }

    /// The map of the next backup: some blocks are kept, others go into new super blocks.
    private func next(_ prior: BlockMap, _ reference: Int, _ numbers: inout SeededNumbers) -> BlockMap {
        var map = BlockMap(blockSize: prior.blockSize, checksumSize: prior.checksumSize)
        map.superBlocks = prior.superBlocks
        let count = max(1, prior.blocks.count + Int.random(in: -9...9, using: &numbers))
        let rate = Int.random(in: 0...10, using: &numbers)
        let perSuper = UInt32.random(in: 1...7, using: &numbers)
        let bundle: UInt32? = Bool.random(using: &numbers) ? .random(in: 1...9, using: &numbers) : nil
        var offset = Bool.random(using: &numbers) ? 0 : UInt64.random(in: 0...5_000_000_000, using: &numbers)
        var position = perSuper
        for index in 0..<count {
            if index < prior.blocks.count, Int.random(in: 0..<10, using: &numbers) >= rate {
                map.blocks.append(prior.blocks[index])
                continue
            }
            if position == perSuper {
                let stored = UInt64.random(in: 1...70_000, using: &numbers)
                map.superBlocks.append(
                    .init(reference: reference, bundle: bundle, offset: offset, storedSize: stored, size: 0))
                offset += stored
                position = 0
            }
            let checksum = BlockChecksum(high: numbers.next(), low: numbers.next(), size: prior.checksumSize)
            let last = map.superBlocks.count - 1
            map.blocks.append(.init(superBlock: UInt32(last), position: position, checksum: checksum))
            position += 1
            map.superBlocks[last].size += UInt64(prior.blockSize)
        }
        return map
    }
}
