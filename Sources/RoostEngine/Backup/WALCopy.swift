internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// Stores the WAL that makes a backup consistent inside the backup, so that it can be restored without the archive
/// (`archive-copy`; specification `backup`, section 11).
///
/// A segment is encrypted anew, and compressed anew if archive and backup differ in that. Its content is compared with the
/// checksum in its name on the way: a backup whose WAL is damaged is none.
struct WALCopy {
    private let repository: Repository
    private let archive: ArchiveDirectory
    /// Of the archive.
    private let passphrase: String?

    init(_ repository: Repository, _ archive: ArchiveDirectory, passphrase: String?) {
        self.repository = repository
        self.archive = archive
        self.passphrase = passphrase
    }

    /// - Throws: ``ErrorCode/checksum`` for a segment that is not what its name says.
    func copy(_ stored: StoredSegment, directory: String, into manifest: inout Manifest) throws(RoostError) {
        let options = manifest.options
        let isSame = stored.compression == options.compression
        let (content, size) = (DigestObserver(), SizeObserver())
        let reader = StreamPump(try decryption(passphrase))
        let check = Pipeline(try decompressing(stored.compression) + [.observe(content)], chunk: StreamPump.chunkSize)
        let level = options.compressLevel ?? options.compression.defaultLevel
        let compressor = isSame ? [] : try compressing(options.compression, level: level)
        let output = Pipeline(
            compressor + (try encryption(manifest.cipherPass)) + [.observe(size)], chunk: StreamPump.chunkSize)
        let name = "\(Manifest.dataDirectory)/\(directory)/\(stored.segment)"
        let path = "\(repository.paths.label(manifest.label))/\(name)\(options.compression.fileExtension)"
        let writer = try repository.storage.create(path, durability: .bulk)
        let write = { (piece: RawSpan) throws(RoostError) in try writer.write(piece) }
        let recompress = { (plain: RawSpan) throws(RoostError) in
            if !isSame { try output.push(plain, to: write) }
        }
        try reader.run(try repository.storage.open(archive.path(stored), range: nil)) { piece throws(RoostError) in
            try check.push(piece, to: recompress)
            if isSame { try output.push(piece, to: write) }
        }
        try check.finish(to: recompress)
        try output.finish(to: write)
        try writer.finish()
        guard content.result.digest == stored.checksum else {
            throw RoostError(
                .checksum,
                "WAL segment \(stored.segment) in the archive has checksum \(content.result.digest), expected "
                    + "\(stored.checksum)",
                hints: ["the backup needs this segment: `verify` finds what else is damaged"])
        }
        var file = try manifest.makeFile(size: content.result.size)
        file.checksum = stored.checksum
        file.repoSize = size.size
        try manifest.files.add(Array(name.utf8).span, file)
    }
}

extension Manifest {
    /// An entry for a file that the backup adds by itself: as old as its end, with the owner of the data directory.
    mutating func makeFile(size: UInt64) throws(RoostError) -> ManifestFile {
        let root = paths[Self.dataDirectory] ?? Path(mode: 0o700, user: .unknown, group: .unknown)
        return ManifestFile(
            size: size, timestamp: timestampStop, mode: root.mode & 0o644, user: try ownerIndex(root.user),
            group: try ownerIndex(root.group))
    }
}
