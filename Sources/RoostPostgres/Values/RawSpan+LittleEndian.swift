extension RawSpan {
    /// The little-endian number at a byte offset, which needs no alignment.
    ///
    /// The caller has checked that the span is long enough; if it is not, this traps.
    func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
        precondition(
            offset >= 0 && offset + MemoryLayout<T>.size <= byteCount,
            "a field ends past the bytes that were read"
        )
        return unsafe T(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: type))
    }
}

extension [UInt8] {
    /// The bytes as a span.
    ///
    /// The standard library calls `bytes` unsafe because elements may have padding, which bytes have not.
    var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get { unsafe span.bytes }
    }
}
