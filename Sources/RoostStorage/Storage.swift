package import RoostSystem

/// Where a repository lives: named byte objects in a tree.
///
/// Paths are relative to the repository, with `/` between components. Every call blocks and may come from any thread. A
/// backend translates; it never retries, logs, decrypts, or knows what a manifest is.
///
/// Required of each backend, and checked by one contract suite:
/// - an object written by ``create(_:durability:)`` with ``Durability/atomic`` appears whole or not at all, and survives a
///   power cut once `finish` has returned; missing directories above it are made;
/// - what is read back is what was written; a range past the end is an error, not a short read;
/// - a list, of entries or of names, has the direct children in byte order; a missing directory lists as empty;
/// - removing what is not there is no error and returns false.
package protocol Storage: Sendable {
    var traits: StorageTraits { get }

    /// For messages: the place of an object as the administrator knows it.
    func displayPath(_ path: String) -> String

    /// Opens an object.
    ///
    /// - Parameter range: Bytes to read; nil for all.
    /// - Throws: ``ErrorCode/fileMissing`` if there is none.
    func open(_ path: String, range: Range<UInt64>?) throws(RoostError) -> any StorageReader

    /// Begins a new object, which replaces one of the same name.
    func create(_ path: String, durability: Durability) throws(RoostError) -> any StorageWriter

    /// The direct children of a directory, by name.
    func list(_ path: String) throws(RoostError) -> [StorageEntry]

    /// The names alone of the direct children of a directory: cheaper where kind and size do not matter, since no child is
    /// looked at.
    func names(_ path: String) throws(RoostError) -> [String]

    /// What there is at a path; nil for nothing. Symbolic links are not followed.
    func entry(_ path: String) throws(RoostError) -> StorageEntry?

    /// What tells a directory from every other that had its name before or will have it later; nil if there is none.
    func incarnation(_ path: String) throws(RoostError) -> String?

    @discardableResult func remove(_ path: String) throws(RoostError) -> Bool

    /// Why an object could not be removed, found out without trying; nil if nothing is known of that.
    func obstacle(toRemoving path: String) -> String?

    /// Removes a directory with everything in it.
    @discardableResult func removeTree(_ path: String) throws(RoostError) -> Bool

    /// Makes a directory and those above it; no error if it is there.
    func createDirectory(_ path: String) throws(RoostError)

    /// Makes a symbolic link, replacing one of the same name. Only with ``StorageTraits/symbolicLinks``.
    func createLink(_ path: String, destination: String) throws(RoostError)

    /// Gives an existing object a further name, replacing one that is there. Only with ``StorageTraits/hardLinks``.
    ///
    /// - Throws: ``ErrorCode/fileMissing`` if there is no such object.
    func createHardLink(_ path: String, to existing: String) throws(RoostError)

    /// Makes the names in a directory durable.
    func syncDirectory(_ path: String) throws(RoostError)

    /// A scope for bulk writes below a directory, which is made if it is missing. Begin before the first write.
    func beginBulk(below path: String) throws(RoostError) -> any BulkScope
}

extension Storage {
    /// For a backend that cannot tell.
    package func obstacle(toRemoving path: String) -> String? { nil }

    /// For a backend that cannot tell: whether there is anything.
    package func incarnation(_ path: String) throws(RoostError) -> String? { try exists(path) ? "" : nil }

    /// Whether there is anything at a path.
    package func exists(_ path: String) throws(RoostError) -> Bool { try entry(path) != nil }

    /// The whole content of a small object.
    package func read(_ path: String, limit: Int = 256 << 20) throws(RoostError) -> [UInt8] {
        let reader = try open(path, range: nil)
        let chunk = Chunk(capacity: 256 << 10)
        var content: [UInt8] = []
        var more = true
        while more {
            chunk.removeAll()
            more = try reader.read(into: chunk)
            content += chunk.bytes.array()
            guard content.count <= limit else {
                throw RoostError(.fileRead, "'\(displayPath(path))' is larger than \(limit) bytes")
            }
        }
        return content
    }

    /// Writes a small object atomically and durably.
    package func write(_ path: String, _ bytes: [UInt8]) throws(RoostError) {
        let writer = try create(path, durability: .atomic)
        try writer.write(bytes.span.raw)
        try writer.finish()
    }
}

/// When a new object is safe.
package enum Durability: Sendable {
    /// When `finish` returns; until then the name stands for what it stood for before.
    case atomic
    /// When the ``BulkScope`` it belongs to has finished; written under its own name at once.
    case bulk
}

/// What a backend can do beyond the minimum.
package struct StorageTraits: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let symbolicLinks = StorageTraits(rawValue: 1)
    /// Directories exist by themselves, also empty.
    package static let directories = StorageTraits(rawValue: 2)
    /// An object can have several names.
    package static let hardLinks = StorageTraits(rawValue: 4)
}

/// One child of a directory.
package struct StorageEntry: Sendable, Hashable {
    package enum Kind: Sendable { case file, directory, link, special }

    package var name: String
    package var kind: Kind
    /// In bytes; 0 for anything but files.
    package var size: UInt64
    /// Seconds.
    package var modified: Int64
    /// Of a link, where it points; nil for anything else.
    package var destination: String?

    package init(name: String, kind: Kind, size: UInt64, modified: Int64, destination: String? = nil) {
        self.name = name
        self.kind = kind
        self.size = size
        self.modified = modified
        self.destination = destination
    }
}

/// Reads one object from start to end.
///
/// Used by one thread.
package protocol StorageReader: AnyObject {
    /// Fills the free part of a chunk.
    ///
    /// - Returns: False once everything was read; the chunk may then be partly filled or unchanged.
    func read(into chunk: Chunk) throws(RoostError) -> Bool
}

/// Writes one object from start to end.
///
/// Used by one thread; dropped without ``finish()``, an atomic object never appears.
package protocol StorageWriter: AnyObject {
    func write(_ bytes: RawSpan) throws(RoostError)
    func finish() throws(RoostError)
}

/// Makes bulk writes durable together.
package protocol BulkScope: AnyObject {
    /// - Parameter paths: All objects written since the scope began, and the directories they are in; asked for only where
    ///   each must be synced by itself.
    func finish(paths: () throws -> [String]) throws
}
