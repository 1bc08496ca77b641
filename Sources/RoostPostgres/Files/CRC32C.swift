/// The cyclic redundancy check of Castagnoli, which guards `pg_control`.
package enum CRC32C {
    /// Bit by bit: what it is used for has 300 bytes, and a table would cost more to make.
    package static func compute(_ bytes: RawSpan) -> UInt32 {
        var crc = UInt32.max
        for offset in 0..<bytes.byteCount {
            crc ^= UInt32(bytes.littleEndian(UInt8.self, at: offset))
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1) &* 0x82F6_3B78 }
        }
        return ~crc
    }
}
