internal import RoostFormat
internal import RoostSystem
internal import RoostTransform

/// One file to copy, with all that a worker needs to know of it.
struct FileTask: Sendable {
    /// Position in the manifest.
    var index: Int
    var name: String
    /// In the file system.
    var path: String
    /// When the files were listed.
    var size: UInt64
    var isReadToListedSize: Bool
    var isControl: Bool
    var checksPages: Bool
    /// Compare with the prior's checksum before copying.
    var checksDelta: Bool
    /// Of the file in the prior backup, whose data serves if nothing has changed.
    var priorChecksum: SHA1?
    /// Of the same.
    var priorSize: UInt64
    /// What an interrupted backup has stored of it.
    var resumed: StoredFile?
    /// Nil to store the file whole.
    var block: BlockTask?
}

/// What one worker does at a time.
enum CopyJob: Sendable {
    case single(Int)
    case bundle(UInt32, [Int])
}

/// What became of one file.
struct FileResult: Sendable {
    enum Outcome: Sendable {
        /// Stored in this backup.
        case copied(Copied)
        /// The prior backup's data serves.
        case unchanged
        /// What an interrupted backup stored serves.
        case resumed
        /// Removed by the server since the files were listed.
        case missing
    }

    struct Copied: Sendable {
        var size: UInt64
        var repoSize: UInt64
        var checksum: SHA1
        var repoChecksum: SHA1?
        var bundle: ManifestFile.BundlePlace?
        /// Stored, of the block map; 0 for a file that is stored whole.
        var mapSize: UInt32 = 0
        var pages: PageCheckResult?
    }

    var index: Int
    var outcome: Outcome
    /// What an interrupted backup had stored was damaged.
    var replacesDamaged = false
}

/// Divides the files to copy into jobs: large files first, by falling size, then bundles of small ones in the order of
/// names, so that all workers finish together.
struct CopyPlan {
    static func jobs(_ copies: [Int], files: ManifestFiles, bundling: BackupSettings.Bundling?) -> [CopyJob] {
        var large: [(index: Int, size: UInt64)] = []
        var bundles: [CopyJob] = []
        var pending: [Int] = []
        var pendingSize: UInt64 = 0
        for index in copies {
            let size = files[index].originalSize
            guard let bundling, size <= bundling.limit else {
                large.append((index, size))
                continue
            }
            pending.append(index)
            pendingSize += size
            if pendingSize >= bundling.size {
                bundles.append(.bundle(UInt32(bundles.count + 1), pending))
                (pending, pendingSize) = ([], 0)
            }
        }
        if !pending.isEmpty { bundles.append(.bundle(UInt32(bundles.count + 1), pending)) }
        large.sort { $0.size != $1.size ? $0.size > $1.size : $0.index < $1.index }
        return large.map { .single($0.index) } + bundles
    }
}
