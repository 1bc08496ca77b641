import CRoostKernels
import RoostFormat
import RoostSystem
import Testing

@testable import RoostTransform

/// The vectors of specification `block-incremental`, section 3.
struct BlockChecksumTests {
    @Test(
        arguments: [
            ([], 0x99aa_06d3_0147_98d8, 0x6001_c324_468d_497f),
            (Array("abc".utf8), 0x06b0_5ab6_733a_6185, 0x78af_5f94_892f_3950),
            ([UInt8](repeating: 0, count: 8192), 0x6c8a_36bd_5451_c725, 0x6207_9793_0ab0_991a),
        ] as [([UInt8], UInt64, UInt64)])
    func `XXH3-128 in canonical form, cut to the size of the map`(bytes: [UInt8], high: UInt64, low: UInt64) {
        for size in BlockChecksum.sizes {
            #expect(BlockChecksum(of: bytes.span.raw, size: size) == BlockChecksum(high: high, low: low, size: size))
            #expect(
                BlockChecksum(of: (bytes + [1]).span.raw, size: size) != BlockChecksum(high: high, low: low, size: size)
            )
        }
    }

    @Test func `every processor computes the same`() {
        var bytes: [UInt8] = []
        for size in Array(0...600) + [1023, 1024, 4097, 8191, 8192, 24_576, 65_549] {
            while bytes.count < size { bytes.append(UInt8(truncatingIfNeeded: bytes.count &* 167 ^ bytes.count >> 7)) }
            var (high, low): (UInt64, UInt64) = (0, 0)
            bytes.withUnsafeBytes { roost_block_checksum_portable($0.baseAddress, size, &high, &low) }
            #expect(
                BlockChecksum(of: bytes.span.raw, size: 16) == BlockChecksum(high: high, low: low, size: 16),
                "\(size) bytes")
        }
    }
}
