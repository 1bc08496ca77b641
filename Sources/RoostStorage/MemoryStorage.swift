package import RoostSystem

/// A repository in memory: the reference that shows what the contract of ``Storage`` means, and the bed for engine tests.
package final class MemoryStorage: Storage {
    private enum Node: Sendable {
        case file([UInt8], modified: Int64)
        case directory
        case link(String)
    }

    private let nodes = Guarded<[String: Node]>([:])
    private let clock: any WallClock

    package init(clock: any WallClock = SystemClock()) { self.clock = clock }

    package var traits: StorageTraits { [.symbolicLinks, .directories, .hardLinks] }

    package func displayPath(_ path: String) -> String { "memory:/\(path)" }

    package func open(_ path: String, range: Range<UInt64>?) throws(RoostError) -> any StorageReader {
        guard case .file(let content, _) = nodes.withLock({ $0[path] }) else { throw .missing(displayPath(path)) }
        guard let range else { return MemoryReader(content[...]) }
        guard range.upperBound <= UInt64(content.count) else {
            throw RoostError(.fileRead, "'\(displayPath(path))' ends before the end of the range to be read")
        }
        return MemoryReader(content[Int(range.lowerBound)..<Int(range.upperBound)])
    }

    package func create(_ path: String, durability: Durability) throws(RoostError) -> any StorageWriter {
        if durability == .bulk { put(path, []) }
        return MemoryWriter { [self] content in put(path, content) }
    }

    package func list(_ path: String) throws(RoostError) -> [StorageEntry] {
        let prefix = path.isEmpty ? "" : "\(path)/"
        return nodes.withLock { nodes in
            nodes.compactMap { key, node -> StorageEntry? in
                guard key.hasPrefix(prefix), key != path else { return nil }
                let name = key.dropFirst(prefix.count)
                return name.contains("/") ? nil : Self.entry(String(name), node)
            }
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    package func names(_ path: String) throws(RoostError) -> [String] { try list(path).map(\.name) }

    package func entry(_ path: String) throws(RoostError) -> StorageEntry? {
        nodes.withLock { $0[path] }.map { Self.entry(lastPart(of: path), $0) }
    }

    package func remove(_ path: String) throws(RoostError) -> Bool {
        nodes.withLock { $0.removeValue(forKey: path) != nil }
    }

    package func removeTree(_ path: String) throws(RoostError) -> Bool {
        nodes.withLock { nodes in
            let keys = nodes.keys.filter { $0 == path || $0.hasPrefix("\(path)/") }
            for key in keys { nodes[key] = nil }
            return !keys.isEmpty
        }
    }

    package func createDirectory(_ path: String) throws(RoostError) { makeDirectories(path) }

    package func createLink(_ path: String, destination: String) throws(RoostError) {
        makeDirectories(directoryPart(of: path))
        nodes.withLock { $0[path] = .link(destination) }
    }

    package func createHardLink(_ path: String, to existing: String) throws(RoostError) {
        guard case .file(let content, _) = nodes.withLock({ $0[existing] }) else {
            throw .missing(displayPath(existing))
        }
        put(path, content)
    }

    package func syncDirectory(_ path: String) throws(RoostError) {
        guard nodes.withLock({ $0[path] }) != nil else {
            throw RoostError(.pathMissing, "unable to open directory '\(displayPath(path))'")
        }
    }

    package func beginBulk(below path: String) throws(RoostError) -> any BulkScope {
        makeDirectories(path)
        return MemoryBulkScope()
    }

    private func put(_ path: String, _ content: [UInt8]) {
        makeDirectories(directoryPart(of: path))
        nodes.withLock { $0[path] = .file(content, modified: clock.now().seconds) }
    }

    private func makeDirectories(_ path: String) {
        guard path != ".", !path.isEmpty else { return }
        makeDirectories(directoryPart(of: path))
        nodes.withLock { nodes in
            if nodes[path] == nil { nodes[path] = .directory }
        }
    }

    private static func entry(_ name: String, _ node: Node) -> StorageEntry {
        switch node {
        case .file(let content, let modified):
            StorageEntry(name: name, kind: .file, size: UInt64(content.count), modified: modified)
        case .directory: StorageEntry(name: name, kind: .directory, size: 0, modified: 0)
        case .link(let destination):
            StorageEntry(name: name, kind: .link, size: 0, modified: 0, destination: destination)
        }
    }
}

private final class MemoryReader: StorageReader {
    private var rest: ArraySlice<UInt8>
    init(_ content: ArraySlice<UInt8>) { rest = content }

    func read(into chunk: Chunk) throws(RoostError) -> Bool {
        let taken = chunk.append(rest.span.raw)
        rest = rest.dropFirst(taken)
        return !rest.isEmpty
    }
}

private final class MemoryWriter: StorageWriter {
    private var content: [UInt8] = []
    private let store: ([UInt8]) -> Void
    init(_ store: @escaping ([UInt8]) -> Void) { self.store = store }

    func write(_ bytes: RawSpan) throws(RoostError) { content += bytes.array() }
    func finish() throws(RoostError) { store(content) }
}

private final class MemoryBulkScope: BulkScope {
    func finish(paths: () throws -> [String]) throws {}
}
