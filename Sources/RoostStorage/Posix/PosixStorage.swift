package import RoostSystem

/// A repository in a directory of the local file system.
package struct PosixStorage: Storage {
    private let root: String
    private let syncMethod: SyncScope.Method
    private let fileMode: UInt16 = 0o640

    /// - Parameter root: The absolute path of the repository.
    package init(root: String, syncMethod: SyncScope.Method = .auto) {
        self.root = root
        self.syncMethod = syncMethod
    }

    package var traits: StorageTraits { [.symbolicLinks, .directories, .hardLinks] }

    package func displayPath(_ path: String) -> String {
        let base = root == "/" ? "" : root
        return path.isEmpty ? root : "\(base)/\(path)"
    }

    package func open(_ path: String, range: Range<UInt64>?) throws(RoostError) -> any StorageReader {
        try PosixReader(displayPath(path), range: range)
    }

    package func create(_ path: String, durability: Durability) throws(RoostError) -> any StorageWriter {
        switch durability {
        case .atomic: try AtomicWriter(displayPath(path), mode: fileMode)
        case .bulk: try BulkWriter(displayPath(path), mode: fileMode)
        }
    }

    package func list(_ path: String) throws(RoostError) -> [StorageEntry] {
        let directory = displayPath(path)
        var entries: [StorageEntry] = []
        for name in try names(path) {
            // A file that goes away between listing and looking was removed by another command: not an error.
            guard let entry = try StorageEntry(name: name, at: "\(directory)/\(name)") else { continue }
            entries.append(entry)
        }
        return entries
    }

    package func names(_ path: String) throws(RoostError) -> [String] {
        do {
            return try FileSystem.list(displayPath(path))
        } catch let error where error.code == .pathMissing {
            return []
        }
    }

    package func entry(_ path: String) throws(RoostError) -> StorageEntry? {
        let full = displayPath(path)
        return try StorageEntry(name: lastPart(of: full), at: full)
    }

    package func incarnation(_ path: String) throws(RoostError) -> String? {
        try FileStatus.incarnation(of: displayPath(path))
    }

    package func remove(_ path: String) throws(RoostError) -> Bool { try FileSystem.removeFile(displayPath(path)) }

    package func obstacle(toRemoving path: String) -> String? {
        let full = displayPath(path)
        let directory = directoryPart(of: full)
        if let obstacle = FileSystem.obstacle(inDirectory: directory) { return obstacle.message }
        for object in [full, directory] {
            if let protection = FileProtection.of(object) { return "'\(object)' is \(protection)" }
        }
        return nil
    }

    package func removeTree(_ path: String) throws(RoostError) -> Bool {
        let full = displayPath(path)
        guard let status = try FileStatus.of(full) else { return false }
        guard status.kind == .symbolicLink else {
            try FileSystem.removeTree(full)
            return true
        }
        // A directory that was moved elsewhere: what is in it is meant, and the name.
        if try FileStatus.of(full, followingLinks: true) != nil { try FileSystem.clear(full) }
        try FileSystem.removeFile(full)
        return true
    }

    package func createDirectory(_ path: String) throws(RoostError) {
        try FileSystem.createDirectory(displayPath(path))
    }

    package func createLink(_ path: String, destination: String) throws(RoostError) {
        try FileSystem.removeFile(displayPath(path))
        try FileSystem.link(displayPath(path), to: destination)
    }

    package func createHardLink(_ path: String, to existing: String) throws(RoostError) {
        let (name, source) = (displayPath(path), displayPath(existing))
        try FileSystem.createDirectory(directoryPart(of: name))
        try FileSystem.removeFile(name)
        try FileSystem.hardLink(name, to: source)
    }

    package func syncDirectory(_ path: String) throws(RoostError) { try FileSystem.syncDirectory(displayPath(path)) }

    package func beginBulk(below path: String) throws(RoostError) -> any BulkScope {
        try createDirectory(path)
        return try PosixBulkScope(self, path, syncMethod)
    }
}

extension StorageEntry {
    /// - Returns: Nil if there is nothing at the path.
    fileprivate init?(name: String, at path: String) throws(RoostError) {
        guard let status = try FileStatus.of(path) else { return nil }
        self.init(name: name, kind: .special, size: 0, modified: status.modified)
        switch status.kind {
        case .file: (kind, size) = (.file, status.size)
        case .directory: kind = .directory
        case .special: kind = .special
        case .symbolicLink:
            kind = .link
            do {
                destination = try FileSystem.linkDestination(path)
            } catch {
                // Replaced or removed since: a link that is gone is not there.
                guard try FileStatus.of(path) == nil else { throw error }
                return nil
            }
        }
    }
}

private final class PosixReader: StorageReader {
    private let file: OwnedDescriptor
    /// Bytes still to be delivered; nil to the end of the file.
    private var remaining: UInt64?

    init(_ path: String, range: Range<UInt64>?) throws(RoostError) {
        file = try OwnedDescriptor.read(path)
        file.adviseSequential()
        guard let range else { return }
        remaining = range.upperBound - range.lowerBound
        guard let start = Int64(exactly: range.lowerBound) else {
            throw RoostError(.fileRead, "'\(path)' cannot be read from byte \(range.lowerBound): no file is that long")
        }
        if start > 0 { try file.seek(to: start) }
    }

    func read(into chunk: Chunk) throws(RoostError) -> Bool {
        guard let remaining else { return try file.read(into: chunk) }
        let before = chunk.count
        let wanted = Int(min(remaining, UInt64(chunk.free)))
        let more = try file.read(into: chunk, limit: wanted)
        self.remaining = remaining - UInt64(chunk.count - before)
        guard more || chunk.count - before == wanted else {
            throw RoostError(
                .fileRead, "'\(file.path)' ends \(self.remaining ?? 0) bytes before the end of the range to be read",
                hints: ["the file was truncated: `verify` finds what else is damaged"])
        }
        return self.remaining ?? 0 > 0
    }
}

private final class AtomicWriter: StorageWriter {
    private var file: DurableFile

    init(_ path: String, mode: UInt16) throws(RoostError) { file = try DurableFile(path, mode: mode) }

    func write(_ bytes: RawSpan) throws(RoostError) { try file.write(bytes) }
    func finish() throws(RoostError) { try file.finish() }
}

private final class BulkWriter: StorageWriter {
    private var file: OwnedDescriptor?

    init(_ path: String, mode: UInt16) throws(RoostError) {
        do {
            file = try OwnedDescriptor.create(path, mode: mode)
        } catch let error where error.code == .fileMissing {
            try FileSystem.createDirectory(directoryPart(of: path))
            file = try OwnedDescriptor.create(path, mode: mode)
        }
    }

    func write(_ bytes: RawSpan) throws(RoostError) { try file?.write(bytes) }

    func finish() throws(RoostError) {
        guard let open = file.take() else { preconditionFailure("an object is finished once") }
        try open.close()
    }
}

private final class PosixBulkScope: BulkScope {
    private let scope: SyncScope
    private let storage: PosixStorage

    init(_ storage: PosixStorage, _ path: String, _ method: SyncScope.Method) throws(RoostError) {
        self.storage = storage
        scope = SyncScope(method: method)
        try scope.watch(storage.displayPath(path))
    }

    func finish(paths: () throws -> [String]) throws {
        try scope.finish { try paths().map(storage.displayPath) }
    }
}
