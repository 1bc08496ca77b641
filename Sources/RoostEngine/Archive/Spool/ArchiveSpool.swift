internal import RoostSystem

/// The spool of a stanza: where the foreground of asynchronous archiving and its worker leave word for each other.
///
///     <spool>/archive/<stanza>/out/   upstream's, file for file: status files of archive-push
///     <spool>/archive/<stanza>/in/    upstream's: fetched segments and status files of archive-get
///     <spool>/roost/<stanza>/         ours: which life the others belong to, and what waits for the repository
package struct ArchiveSpool: Sendable {
    package enum Queue: String, Sendable { case push = "out", get = "in" }

    package static let okExtension = ".ok"
    private static let errorExtension = ".error"
    private static let global = "global"

    private let path: String
    private let stanza: String

    /// - Parameter path: The option `spool-path`.
    package init(path: String, stanza: String) {
        self.path = path
        self.stanza = stanza
    }

    func directory(_ queue: Queue) -> String { "\(path)/archive/\(stanza)/\(queue.rawValue)" }
    func file(_ name: String, _ queue: Queue) -> String { "\(directory(queue))/\(name)" }
    /// For files that no other tool knows.
    var ownDirectory: String { "\(path)/roost/\(stanza)" }

    /// Makes the directory of a queue.
    func create(_ queue: Queue) throws(RoostError) {
        guard try FileStatus.of(directory(queue), followingLinks: true) == nil else { return }
        try FileSystem.createDirectory(directory(queue))
    }

    /// What is known of a file; a failure of its own comes before one that concerns all.
    func status(of name: String, _ queue: Queue) throws(RoostError) -> SpoolStatus? {
        if let found = try content(name + Self.okExtension, queue) { return .ok(found.message) }
        if let failure = try failure(name + Self.errorExtension, queue) { return .failed(failure) }
        return try failure(Self.global + Self.errorExtension, queue).map { .failed($0) }
    }

    /// When the file was marked as done; nil if it is not.
    func timeOfOK(_ name: String, _ queue: Queue) throws(RoostError) -> FileStatus? {
        try FileStatus.of(file(name + Self.okExtension, queue))
    }

    /// The message of a file that is marked as done.
    func messageOfOK(_ name: String, _ queue: Queue) throws(RoostError) -> SpoolMessage? {
        try content(name + Self.okExtension, queue)?.message
    }

    /// Marks a file as done.
    ///
    /// What that promises must be durable by now. The mark itself need not be: if a power cut takes it, the file is
    /// pushed again and found in the archive.
    func writeOK(_ name: String, _ queue: Queue, _ message: SpoolMessage?) throws(RoostError) {
        try write(name + Self.okExtension, queue, message?.bytes ?? [])
    }

    /// Leaves word of a failure.
    ///
    /// - Parameter name: Nil for one that concerns no file alone.
    func writeFailure(_ name: String?, _ queue: Queue, _ error: RoostError) throws(RoostError) {
        let message = SpoolMessage(code: error.code.exitStatus, text: error.description)
        try write((name ?? Self.global) + Self.errorExtension, queue, message.bytes)
    }

    /// Forgets the failures of a file and those that concern all.
    func clearFailures(of name: String, _ queue: Queue) throws(RoostError) {
        try FileSystem.removeFile(file(name + Self.errorExtension, queue))
        try FileSystem.removeFile(file(Self.global + Self.errorExtension, queue))
    }

    func removeOK(_ name: String, _ queue: Queue) throws(RoostError) {
        try FileSystem.removeFile(file(name + Self.okExtension, queue))
    }

    private struct Content { var message: SpoolMessage? }

    private func content(_ name: String, _ queue: Queue) throws(RoostError) -> Content? {
        let path = file(name, queue)
        guard try FileStatus.of(path) != nil else { return nil }
        do {
            return Content(message: try SpoolMessage(parsing: try FileSystem.read(path, limit: 1 << 20), file: name))
        } catch let error where error.code == .fileMissing {
            return nil  // removed by the worker since
        }
    }

    private func failure(_ name: String, _ queue: Queue) throws(RoostError) -> SpoolMessage? {
        guard let content = try content(name, queue) else { return nil }
        guard let message = content.message, message.code != 0 else {
            throw RoostError(.assert, "status file '\(name)' has no content")
        }
        return message
    }

    /// A file with content appears with all of it.
    private func write(_ name: String, _ queue: Queue, _ bytes: [UInt8]) throws(RoostError) {
        try create(queue)
        let path = file(name, queue)
        guard !bytes.isEmpty else { return try OwnedDescriptor.create(path, mode: 0o640).close() }
        let temporary = path + DurableFile.temporarySuffix
        let file = try OwnedDescriptor.create(temporary, mode: 0o640)
        try file.write(bytes.span.bytes)
        try file.close()
        try FileSystem.move(temporary, to: path)
    }
}
