internal import RoostSystem

/// Copies a directory tree, sharing blocks where the file system can.
///
/// A symbolic link is followed: a copy that led to the files of the original would change them.
final class TreeCopy {
    enum Choice {
        case copy
        /// A directory that stays empty.
        case empty
        case leave
    }

    private struct File: Sendable {
        var from: String
        var to: String
        var mode: UInt16
    }

    private struct Copied: Sendable {
        var bytes: UInt64
        var isShared: Bool
    }

    private static let threads = 4
    private static let chunkSize = 1 << 20

    /// Whether files may go away while they are copied, as those of a running server do.
    private let mayVanish: Bool
    private let scope = SyncScope()
    private var files: [File] = []
    /// All that was made.
    private(set) var paths: [String] = []
    private(set) var bytes: UInt64 = 0
    /// Of these, how many lie in blocks that the original has too.
    private(set) var sharedBytes: UInt64 = 0

    var fileCount: Int { files.count }

    init(mayVanish: Bool) { self.mayVanish = mayVanish }

    /// Copies one tree; the destination must not exist, the directory above it must.
    ///
    /// - Parameter choose: What becomes of a name below the source, told by its relative path, behind links.
    func copy(_ source: String, to destination: String, choose: (String, FileStatus) -> Choice) throws {
        try scope.watch(directoryPart(of: destination))
        let first = files.count
        guard let root = try FileStatus.of(source, followingLinks: true) else {
            throw RoostError(.pathMissing, "directory '\(source)' is missing")
        }
        try makeDirectory(destination, root.mode)
        try walk(source, destination, "", choose)
        let mayVanish = mayVanish
        try runJobs(
            Array(files[first...]), workers: Self.threads, makeState: { Chunk(capacity: Self.chunkSize) },
            perform: { chunk, file in try Self.copy(file, chunk, mayVanish: mayVanish) },
            collect: { copied in
                bytes += copied.bytes
                if copied.isShared { sharedBytes += copied.bytes }
            })
    }

    /// Writes a small file of its own into the copy.
    func write(_ path: String, _ content: [UInt8], mode: UInt16 = 0o600) throws(RoostError) {
        let file = try OwnedDescriptor.create(path, mode: mode)
        try file.write(content.span.bytes)
        try file.close()
        paths.append(path)
    }

    /// Copies one file.
    func copyFile(_ from: String, to: String, mode: UInt16 = 0o600) throws(RoostError) {
        let copied = try Self.copy(
            File(from: from, to: to, mode: mode), Chunk(capacity: Self.chunkSize), mayVanish: false)
        bytes += copied.bytes
        if copied.isShared { sharedBytes += copied.bytes }
        paths.append(to)
    }

    func makeDirectory(_ path: String, _ mode: UInt16) throws(RoostError) {
        try FileSystem.createDirectory(path, mode: mode)
        paths.append(path)
    }

    /// Makes everything durable.
    func finish() throws {
        let all = paths + files.map(\.to)
        // Files that went away before they could be copied are not there.
        try scope.finish { try all.filter { try FileStatus.of($0) != nil } }
    }

    private func walk(
        _ source: String, _ destination: String, _ relative: String, _ choose: (String, FileStatus) -> Choice
    ) throws(RoostError) {
        try Interrupt.check()
        for name in try list(source) {
            let from = "\(source)/\(name)"
            guard let named = try FileStatus.of(from) else { continue }
            guard let status = try FileStatus.of(from, followingLinks: true) else {
                if named.kind != .symbolicLink { continue }
                throw RoostError(
                    .linkDestination,
                    "link '\(from)' leads to '\(try FileSystem.linkDestination(from))', which is missing",
                    hints: ["remove the link, or put back what it leads to"])
            }
            let path = relative.isEmpty ? name : "\(relative)/\(name)"
            let choice = choose(path, status)
            if case .leave = choice { continue }
            switch status.kind {
            case .directory:
                try makeDirectory("\(destination)/\(name)", status.mode)
                if case .copy = choice { try walk(from, "\(destination)/\(name)", path, choose) }
            case .file: files.append(File(from: from, to: "\(destination)/\(name)", mode: status.mode))
            case .symbolicLink, .special: continue  // sockets and pipes belong to a process
            }
        }
    }

    /// A directory may go away too: that of a database.
    private func list(_ directory: String) throws(RoostError) -> [String] {
        do {
            return try FileSystem.list(directory)
        } catch {
            if mayVanish, error.code == .pathMissing { return [] }
            throw error
        }
    }

    /// - Returns: Nil for a file that has gone away.
    private static func open(_ path: String, mayVanish: Bool) throws(RoostError) -> OwnedDescriptor? {
        do {
            return try OwnedDescriptor.read(path)
        } catch {
            if mayVanish, error.code == .fileMissing { return nil }
            throw error
        }
    }

    private static func copy(_ file: File, _ chunk: Chunk, mayVanish: Bool) throws(RoostError) -> Copied {
        try Interrupt.check()
        guard let source = try open(file.from, mayVanish: mayVanish) else { return Copied(bytes: 0, isShared: false) }
        let target = try OwnedDescriptor.createNew(file.to, mode: file.mode)
        if try target.shareBlocks(of: source) {
            let size = try FileStatus.of(descriptor: target).size
            try target.close()
            return Copied(bytes: size, isShared: true)
        }
        var bytes: UInt64 = 0
        var more = true
        while more {
            try Interrupt.check()
            chunk.removeAll()
            more = try source.read(into: chunk)
            try target.write(chunk.bytes)
            bytes += UInt64(chunk.count)
        }
        try target.close()
        return Copied(bytes: bytes, isShared: false)
    }
}
