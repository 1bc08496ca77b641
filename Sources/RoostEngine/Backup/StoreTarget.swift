internal import RoostStorage
internal import RoostSystem

/// A repository file that is created by the first byte written to it.
final class StoreTarget {
    private let repository: Repository
    private let path: String
    private var writer: (any StorageWriter)?
    /// Bytes written.
    private(set) var position: UInt64 = 0

    init(_ repository: Repository, _ path: String) {
        self.repository = repository
        self.path = path
    }

    func write(_ bytes: RawSpan) throws(RoostError) {
        guard bytes.byteCount > 0 else { return }
        if writer == nil { writer = try repository.storage.create(path, durability: .bulk) }
        try writer?.write(bytes)
        position += UInt64(bytes.byteCount)
    }

    /// Closes the file, if anything was written to it.
    func finish() throws(RoostError) {
        try writer?.finish()
        writer = nil
    }

    /// Makes the file also if nothing is to be written to it.
    func create() throws(RoostError) {
        if writer == nil { writer = try repository.storage.create(path, durability: .bulk) }
    }
}
