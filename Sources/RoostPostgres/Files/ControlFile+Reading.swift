package import RoostSystem

extension ControlFile {
    /// A control file with the bytes to keep of it.
    package struct Reading: Sendable {
        package var file: ControlFile
        /// The 512 bytes read and zeros after them, 8192 in all: the content for a backup.
        package var fileBytes: [UInt8]
    }

    /// Reads the control file of a cluster, which a running server may be writing.
    ///
    /// Some file systems show a reader half of a write. So what does not check is read again after 50 ms, until it does or the
    /// same bytes come twice; that ends because a server writes the file seldom.
    ///
    /// - Parameters:
    ///   - dataDirectory: The path of the cluster.
    ///   - clock: To wait with.
    ///   - forced: As in ``init(parsing:forcing:)``.
    /// - Throws: ``ErrorCode/fileMissing``, ``ErrorCode/fileOpen``, ``ErrorCode/fileRead``, ``ErrorCode/term``, and what
    ///   ``init(parsing:forcing:)`` throws for the bytes that came twice.
    package static func read(
        dataDirectory: String,
        clock: any WallClock,
        forcing forced: PostgresVersion? = nil
    ) throws(RoostError) -> Reading {
        let path = "\(dataDirectory)/\(relativePath)"
        var last: [UInt8]?
        while true {
            let bytes = try readStart(of: path)
            do {
                let file = try ControlFile(parsing: bytes.rawSpan, forcing: forced)
                let padding = [UInt8](repeating: 0, count: fileByteCount - bytes.count)
                return Reading(file: file, fileBytes: bytes + padding)
            } catch {
                if last == bytes { throw error.during("unable to use '\(path)'") }
            }
            last = bytes
            try Interrupt.check()
            clock.sleep(milliseconds: 50)
        }
    }

    private static func readStart(of path: String) throws(RoostError) -> [UInt8] {
        let file = try OwnedDescriptor.read(path)
        let chunk = Chunk(capacity: readByteCount)
        _ = try file.read(into: chunk)
        guard chunk.count == readByteCount else {
            throw RoostError(
                .fileRead,
                "unable to read \(readByteCount) bytes from '\(path)', it has only \(chunk.count)"
            )
        }
        return chunk.bytes.array()
    }

    /// A copy whose checkpoint is ``invalidCheckpoint``, with the CRC made anew: what a restore writes, so that the cluster
    /// starts only as recovery from `backup_label`.
    ///
    /// - Parameter bytes: At least 512; the count stays the same.
    /// - Throws: As ``init(parsing:forcing:)`` for bytes that are not a good control file.
    package static func invalidatingCheckpoint(
        _ bytes: [UInt8],
        forcing forced: PostgresVersion? = nil
    ) throws(RoostError) -> [UInt8] {
        let file = try ControlFile(parsing: bytes.rawSpan, forcing: forced)
        let offset = try crcOffset(bytes.rawSpan, file.version, scanning: forced != nil)
        var copy = bytes
        copy.store(invalidCheckpoint.value, at: ControlFileLayout.checkpoint)
        copy.store(CRC32C.compute(copy.rawSpan.extracting(0..<offset)), at: offset)
        return copy
    }
}

extension [UInt8] {
    /// Writes a number over the bytes at an offset, little-endian.
    fileprivate mutating func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        for index in 0..<MemoryLayout<T>.size {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (index * 8))
        }
    }
}
