internal import RoostFormat
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Where the block map of a file lies, and what it must describe.
struct BlockMapPlace: Sendable {
    /// In the repository.
    var path: String
    /// Of the map, encrypted if the set is.
    var range: Range<UInt64>
    var form: ManifestFile.BlockIncremental
    var fileSize: UInt64
    /// The map may refer to so many of the manifest's references, from the first.
    var referenceCount: Int

    /// The map of a file as a manifest tells it; nil if the file is stored whole.
    ///
    /// - Throws: ``ErrorCode/format`` if the sizes cannot be.
    init?(
        _ name: String, _ file: ManifestFile, _ manifest: Manifest, _ paths: StanzaPaths
    ) throws(RoostError) {
        guard let block = file.block, block.mapSize > 0, let stored = manifest.storedPath(name, file) else {
            return nil
        }
        let offset = file.bundle?.offset ?? 0
        let (end, overflow) = offset.addingReportingOverflow(file.repoSize)
        // What each block can take at most: nine numbers of up to ten bytes, and its checksum.
        let limit = BlockMap.blockCount(file.size, blockSize: max(block.blockSize, 1)) &* 128 &+ 128
        guard !overflow, block.mapSize <= file.repoSize, block.mapSize <= limit, block.blockSize > 0,
            BlockChecksum.sizes.contains(block.checksumSize)
        else {
            throw RoostError(
                .format,
                "the block map of '\(name)' in backup '\(manifest.label)' is said to have \(block.mapSize) of "
                    + "\(file.repoSize) stored bytes, for \(file.size) bytes in blocks of \(block.blockSize)")
        }
        path = "\(paths.label(manifest.holder(of: file)))/\(stored)"
        range = end - UInt64(block.mapSize)..<end
        form = block
        fileSize = file.size
        referenceCount = manifest.references.count
    }
}

/// Reads block maps with one set of buffers.
final class BlockMapReader {
    private let storage: any Storage
    private let pump: StreamPump

    /// - Parameter chunk: Used during a call only.
    init(_ storage: any Storage, passphrase: String?, chunk: Chunk) throws(RoostError) {
        self.storage = storage
        pump = StreamPump(try decryption(passphrase, raw: true), chunk: chunk)
    }

    /// - Throws: ``ErrorCode/fileRead`` if there are fewer bytes, ``ErrorCode/format`` if they are no map of the file.
    func read(_ place: BlockMapPlace) throws(RoostError) -> BlockMap {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(place.range.count)
        do {
            try pump.run(try storage.open(place.path, range: place.range)) { piece throws(RoostError) in
                bytes.append(piece)
            }
            return try parse(bytes, place)
        } catch {
            throw error.isFatal ? error : error.during("the block map in '\(storage.displayPath(place.path))'")
        }
    }

    /// The same, for a map that has been read already.
    func parse(stored: RawSpan, _ place: BlockMapPlace) throws(RoostError) -> BlockMap {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(stored.byteCount)
        try pump.begin()
        do {
            try pump.pipeline.finish(stored) { piece throws(RoostError) in bytes.append(piece) }
            return try parse(bytes, place)
        } catch {
            throw error.isFatal ? error : error.during("the block map in '\(storage.displayPath(place.path))'")
        }
    }

    private func parse(_ bytes: [UInt8], _ place: BlockMapPlace) throws(RoostError) -> BlockMap {
        let map = try BlockMap(
            parsing: bytes.span, blockSize: place.form.blockSize, checksumSize: place.form.checksumSize,
            referenceCount: place.referenceCount)
        try map.check(fileSize: place.fileSize)
        return map
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ bytes: RawSpan) { bytes.withUnsafeBytes { append(contentsOf: $0) } }
}
