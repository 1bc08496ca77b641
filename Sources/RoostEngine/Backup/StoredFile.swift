internal import RoostStorage
internal import RoostSystem

/// A file that an interrupted backup has stored already, and that serves if it is whole.
struct StoredFile: Sendable {
    /// In the repository.
    var path: String
    var size: UInt64
    /// Of the stored bytes.
    var checksum: SHA1
    /// Of what they stand for.
    var content: SHA1
    /// The content in the cluster must be compared too.
    var isDelta: Bool

    /// Whether the stored bytes are what the manifest says; false also if they cannot be read.
    func isWhole(in storage: any Storage, using chunk: Chunk) throws(RoostError) -> Bool {
        let hasher = SHA1Hasher()
        var count: UInt64 = 0
        do {
            let reader = try storage.open(path, range: nil)
            var more = true
            while more {
                try Interrupt.check()
                chunk.removeAll()
                more = try reader.read(into: chunk)
                hasher.update(chunk.bytes)
                count += UInt64(chunk.count)
            }
        } catch let error where error.code == .fileMissing || error.code == .fileRead {
            return false  // copied again, with a warning
        }
        return count == size && hasher.finish() == checksum
    }
}
