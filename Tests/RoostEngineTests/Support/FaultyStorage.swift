import RoostStorage
import RoostSystem

/// Hands every call on to another storage, and does what a script says at chosen ones.
///
/// The same file serves the storage tests, where a wrapper without a script must pass the contract.
final class FaultyStorage: Storage {
    enum Operation: String, Sendable, CaseIterable {
        case open, read, create, write, finish, list, names, entry, remove, removeTree, createDirectory, createLink,
            createHardLink, syncDirectory
        case beginBulk, finishBulk

        static let all = Set(allCases)
        /// Those that change what is stored, or make it durable.
        static let changing = all.subtracting([.open, .read, .list, .names, .entry])
    }

    enum Action: Sendable {
        case fail(RoostError)
        /// A write passes on only half of its bytes and says nothing.
        case truncate
        case call(@Sendable () -> Void)
    }

    struct Call: Sendable, Hashable {
        var operation: Operation
        var path: String
    }

    private struct Rule: Sendable {
        var operations: Set<Operation>
        var position: Int
        var isLasting: Bool
        var text: String
        var action: Action
        var seen = 0
        var fired = 0
    }

    private struct State: Sendable {
        var rules: [Rule] = []
        var calls: [Call] = []
    }

    private let base: any Storage
    private let state = Guarded(State())

    init(_ base: any Storage) { self.base = base }

    /// Adds a line to the script.
    ///
    /// - Parameters:
    ///   - operations: The kinds that count.
    ///   - position: The call at which it happens, counted from 1.
    ///   - isLasting: Also at all later ones: the storage is gone.
    ///   - text: Only calls whose path contains it count.
    func at(
        _ position: Int, of operations: Set<Operation> = Operation.all, isLasting: Bool = false, on text: String = "",
        _ action: Action
    ) {
        let rule = Rule(operations: operations, position: position, isLasting: isLasting, text: text, action: action)
        state.withLock { $0.rules.append(rule) }
    }

    /// Forgets the script and the calls.
    func clear() { state.withLock { $0 = State() } }

    var hasFired: Bool { state.withLock { $0.rules.contains { $0.fired > 0 } } }
    var calls: [Call] { state.withLock { $0.calls } }
    /// The calls that change something, in their order.
    var changes: [Call] { calls.filter { Operation.changing.contains($0.operation) } }

    /// - Returns: Whether a write is to be truncated.
    fileprivate func reach(_ operation: Operation, _ path: String) throws(RoostError) -> Bool {
        let actions = state.withLock { state in
            state.calls.append(Call(operation: operation, path: path))
            return state.rules.indices.compactMap { index -> Action? in
                let rule = state.rules[index]
                guard rule.operations.contains(operation), rule.text.isEmpty || path.contains(rule.text) else {
                    return nil
                }
                state.rules[index].seen += 1
                let position = rule.seen + 1
                guard position == rule.position || rule.isLasting && position > rule.position else { return nil }
                state.rules[index].fired += 1
                return rule.action
            }
        }
        var isTruncated = false
        for action in actions {
            switch action {
            case .fail(let error): throw error
            case .truncate: isTruncated = true
            case .call(let body): body()
            }
        }
        return isTruncated
    }

    var traits: StorageTraits { base.traits }
    func displayPath(_ path: String) -> String { base.displayPath(path) }

    func open(_ path: String, range: Range<UInt64>?) throws(RoostError) -> any StorageReader {
        _ = try reach(.open, path)
        return FaultyReader(self, path, try base.open(path, range: range))
    }

    func create(_ path: String, durability: Durability) throws(RoostError) -> any StorageWriter {
        _ = try reach(.create, path)
        return FaultyWriter(self, path, try base.create(path, durability: durability))
    }

    func list(_ path: String) throws(RoostError) -> [StorageEntry] {
        _ = try reach(.list, path)
        return try base.list(path)
    }

    func names(_ path: String) throws(RoostError) -> [String] {
        _ = try reach(.names, path)
        return try base.names(path)
    }

    func entry(_ path: String) throws(RoostError) -> StorageEntry? {
        _ = try reach(.entry, path)
        return try base.entry(path)
    }

    func incarnation(_ path: String) throws(RoostError) -> String? {
        _ = try reach(.entry, path)
        return try base.incarnation(path)
    }

    func obstacle(toRemoving path: String) -> String? { base.obstacle(toRemoving: path) }

    func remove(_ path: String) throws(RoostError) -> Bool {
        _ = try reach(.remove, path)
        return try base.remove(path)
    }

    func removeTree(_ path: String) throws(RoostError) -> Bool {
        _ = try reach(.removeTree, path)
        return try base.removeTree(path)
    }

    func createDirectory(_ path: String) throws(RoostError) {
        _ = try reach(.createDirectory, path)
        try base.createDirectory(path)
    }

    func createLink(_ path: String, destination: String) throws(RoostError) {
        _ = try reach(.createLink, path)
        try base.createLink(path, destination: destination)
    }

    func createHardLink(_ path: String, to existing: String) throws(RoostError) {
        _ = try reach(.createHardLink, path)
        try base.createHardLink(path, to: existing)
    }

    func syncDirectory(_ path: String) throws(RoostError) {
        _ = try reach(.syncDirectory, path)
        try base.syncDirectory(path)
    }

    func beginBulk(below path: String) throws(RoostError) -> any BulkScope {
        _ = try reach(.beginBulk, path)
        return FaultyBulkScope(self, path, try base.beginBulk(below: path))
    }
}

private final class FaultyReader: StorageReader {
    private let storage: FaultyStorage
    private let path: String
    private let base: any StorageReader

    init(_ storage: FaultyStorage, _ path: String, _ base: any StorageReader) {
        (self.storage, self.path, self.base) = (storage, path, base)
    }

    func read(into chunk: Chunk) throws(RoostError) -> Bool {
        _ = try storage.reach(.read, path)
        return try base.read(into: chunk)
    }
}

private final class FaultyWriter: StorageWriter {
    private let storage: FaultyStorage
    private let path: String
    private let base: any StorageWriter

    init(_ storage: FaultyStorage, _ path: String, _ base: any StorageWriter) {
        (self.storage, self.path, self.base) = (storage, path, base)
    }

    func write(_ bytes: RawSpan) throws(RoostError) {
        let isTruncated = try storage.reach(.write, path)
        try base.write(isTruncated ? bytes.extracting(first: bytes.byteCount / 2) : bytes)
    }

    func finish() throws(RoostError) {
        _ = try storage.reach(.finish, path)
        try base.finish()
    }
}

private final class FaultyBulkScope: BulkScope {
    private let storage: FaultyStorage
    private let path: String
    private let base: any BulkScope

    init(_ storage: FaultyStorage, _ path: String, _ base: any BulkScope) {
        (self.storage, self.path, self.base) = (storage, path, base)
    }

    func finish(paths: () throws -> [String]) throws {
        _ = try storage.reach(.finishBulk, path)
        try base.finish(paths: paths)
    }
}
