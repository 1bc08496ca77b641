package import RoostSystem

/// A run of pages whose checksum was wrong; page numbers within the relation, not the segment file.
package struct PageRange: Sendable, Hashable {
    package var first: UInt32
    package var last: UInt32

    package init(first: UInt32, last: UInt32) {
        self.first = first
        self.last = last
    }

    /// Joins neighbours of a rising list.
    package static func runs(of pages: [UInt32]) -> [PageRange] {
        pages.reduce(into: []) { runs, page in
            if let last = runs.last?.last, page == last &+ 1 {
                runs[runs.count - 1].last = page
            } else {
                runs.append(PageRange(first: page, last: page))
            }
        }
    }

    /// `3, 5-7, 20`, as messages list pages.
    package static func text(_ runs: [PageRange]) -> String {
        runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }.joined(separator: ", ")
    }
}

/// The owner of a file as a manifest tells it.
package enum Owner: Sendable, Hashable {
    case name(String)
    /// The id had no name on the database host: `false` in the manifest.
    case unknown
}

/// One file of a backup, without its name.
package struct ManifestFile: Sendable, Hashable {
    package enum PageCheck: UInt8, Sendable {
        /// Not subject to the check.
        case none
        case valid, invalid
    }

    /// Where a bundled file lies.
    package struct BundlePlace: Sendable, Hashable {
        package var id: UInt32
        package var offset: UInt64

        package init(id: UInt32, offset: UInt64) {
            self.id = id
            self.offset = offset
        }
    }

    /// How a file is stored in block-incremental form.
    package struct BlockIncremental: Sendable, Hashable {
        /// In bytes, a multiple of 8192.
        package var blockSize: Int
        /// In bytes.
        package var checksumSize: Int
        /// In bytes; 0 if the file is stored whole all the same.
        package var mapSize: UInt32

        package init(blockSize: Int, checksumSize: Int, mapSize: UInt32) {
            self.blockSize = blockSize
            self.checksumSize = checksumSize
            self.mapSize = mapSize
        }
    }

    /// Bytes copied.
    package var size: UInt64
    /// Bytes when the list of files was made.
    package var originalSize: UInt64
    /// Bytes stored.
    package var repoSize: UInt64
    /// Modification time when the list was made, seconds.
    package var timestamp: Int64
    /// Of the content; nil while not yet copied, and not written for empty files.
    package var checksum: SHA1?
    /// Of the stored bytes, where they are not the content.
    package var repoChecksum: SHA1?
    /// Position in the manifest's list of references; nil if the data is in this backup.
    package var reference: Int?
    package var bundle: BundlePlace?
    package var block: BlockIncremental?
    package var pageCheck = PageCheck.none
    package var mode: UInt16
    /// Positions in the manifest's list of owners.
    package var user: UInt8
    package var group: UInt8

    /// The data is super blocks and a map.
    package var isStoredInBlocks: Bool { block.map { $0.mapSize > 0 } ?? false }

    package init(size: UInt64, timestamp: Int64, mode: UInt16, user: UInt8, group: UInt8) {
        self.size = size
        originalSize = size
        repoSize = size
        self.timestamp = timestamp
        self.mode = mode
        self.user = user
        self.group = group
    }
}
