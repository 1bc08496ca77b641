internal import CRoostKernels

/// The checksum in the header of PostgreSQL's data pages, checked over many pages per call.
///
/// A page that is all zero is valid. With `headerCheck` off (for builds that encrypt pages with their headers) only the
/// checksum decides; with it on, a page without an upper bound of free space is invalid unless it is all zero.
package enum PageChecksum {
    /// The numbers, rising, of the invalid ones among consecutive pages.
    ///
    /// Takes time linear in the bytes and allocates only if a page is invalid.
    ///
    /// - Parameters:
    ///   - pages: Any number of pages; an incomplete one at the end is not looked at.
    ///   - pageSize: In bytes, a multiple of 128.
    ///   - firstPage: The number of the first page within its relation, which the checksum includes.
    ///   - headerCheck: Whether page headers are readable.
    package static func invalidPages(
        in pages: RawSpan,
        pageSize: Int,
        firstPage: UInt32,
        headerCheck: Bool
    ) -> [UInt32] {
        let size = checkedSize(pageSize)
        let count = pages.byteCount / pageSize
        // The C function reads count * size bytes, which the span has, and writes at most the given number of results.
        return unsafe pages.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return [] }
            let found = unsafe roost_pages_check(base, count, size, firstPage, headerCheck ? 1 : 0, nil, 0)
            guard found > 0 else { return [] }
            return unsafe [UInt32](unsafeUninitializedCapacity: found) { buffer, initialized in
                initialized = unsafe min(
                    found,
                    roost_pages_check(base, count, size, firstPage, headerCheck ? 1 : 0, buffer.baseAddress, found)
                )
            }
        }
    }

    /// Whether one page, given whole, is valid.
    package static func isValid(_ page: RawSpan, number: UInt32, headerCheck: Bool) -> Bool {
        invalidPages(in: page, pageSize: page.byteCount, firstPage: number, headerCheck: headerCheck).isEmpty
    }

    /// The checksum that a page should carry, never zero; the one it does carry makes no difference.
    package static func compute(_ page: RawSpan, number: UInt32) -> UInt16 {
        let size = checkedSize(page.byteCount)
        return unsafe page.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return unsafe roost_page_checksum(base, size, number)
        }
    }

    private static func checkedSize(_ pageSize: Int) -> UInt32 {
        precondition(
            pageSize > 0 && pageSize <= 1 << 20 && pageSize.isMultiple(of: 128),
            "no page has \(pageSize) bytes"
        )
        return UInt32(pageSize)
    }
}
