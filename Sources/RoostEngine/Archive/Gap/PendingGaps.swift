package import RoostFormat
internal import RoostStorage
package import RoostSystem

/// What was given up while the repository was away: gaps to record there, and the small files to be pushed, as soon as it is
/// back.
///
/// Lies in a directory of its own on the host of the cluster; each file is durable before WAL is acknowledged.
package struct PendingGaps: Sendable {
    private let directory: String

    /// - Parameter directory: Made when it is needed.
    package init(directory: String) { self.directory = directory }

    private var gaps: String { "\(directory)/gap" }
    private var files: String { "\(directory)/keep" }

    /// Keeps gaps durably.
    func add(_ found: [ArchiveGap]) throws(RoostError) {
        for gap in found { try DurableFile.write("\(gaps)/\(gap.fileName)", gap.render()) }
    }

    /// Keeps a copy of a file that is too precious and too small to be dropped, a timeline history for one.
    func keep(_ path: String) throws(RoostError) {
        try DurableFile.write("\(files)/\(lastPart(of: path))", try FileSystem.read(path))
    }

    /// Moves everything into the repository.
    ///
    /// - Parameters:
    ///   - complete: Adds to a gap what was not known when it was found.
    ///   - push: Puts a kept file into the archive, durably.
    func flush(
        to repository: Repository, _ complete: (ArchiveGap) -> ArchiveGap, push: (String) throws(RoostError) -> Void
    ) throws(RoostError) {
        for name in try names(files) {
            try push("\(files)/\(name)")
            try FileSystem.removeFile("\(files)/\(name)")
        }
        let found = try load()
        guard !found.isEmpty else { return }
        try ArchiveGaps.record(found.map(complete), in: repository)
        for gap in found { try FileSystem.removeFile("\(gaps)/\(gap.fileName)") }
    }

    /// The gaps that the repository does not know yet.
    package func load() throws(RoostError) -> [ArchiveGap] {
        var found: [ArchiveGap] = []
        for name in try names(gaps) where ArchiveGap.isFileName(name) {
            let path = "\(gaps)/\(name)"
            found.append(try ArchiveGap(parsing: try FileSystem.read(path), object: path))
        }
        return found
    }

    private func names(_ path: String) throws(RoostError) -> [String] {
        do {
            return try FileSystem.list(path).filter { !$0.hasSuffix(DurableFile.temporarySuffix) }
        } catch let error where error.code == .pathMissing {
            return []
        }
    }
}
