package import RoostSystem

/// Why a repository would refuse to have a stanza deleted.
package struct RepositoryLock: Sendable, Equatable {
    /// Which object, and what protects it: `'backup.info' is immutable (chattr +i)`.
    package var reason: String
    /// When the earliest lock ends, in seconds since 1970; nil if nothing is known of an end.
    package var until: Int64?

    package init(reason: String, until: Int64? = nil) {
        self.reason = reason
        self.until = until
    }
}

/// Finds out, without changing anything, whether the deletion of a stanza would be refused.
///
/// Trying is not enough: a deletion that fails half way has destroyed what it reached, and on a versioned object store one that succeeds
/// has only hidden it. Each kind of storage has a probe of its own.
package protocol RepositoryLockProbe: Sendable {
    /// - Returns: The first lock that is found, nil if there is none.
    /// - Throws: What keeps the probe from telling.
    func findLock() throws(RoostError) -> RepositoryLock?
}

/// The probe of a repository on a file system: mounted read-only, protected files, files and directories of others.
package struct PosixLockProbe: RepositoryLockProbe {
    private let root: String
    private let stanza: String

    /// - Parameter root: Where the repository begins.
    package init(root: String, stanza: String) {
        self.root = root
        self.stanza = stanza
    }

    package func findLock() throws(RoostError) -> RepositoryLock? {
        for parent in ["\(root)/archive", "\(root)/backup"] {
            let directory = "\(parent)/\(stanza)"
            guard let status = try FileStatus.of(directory) else { continue }
            // What is removed in the end is an entry of the directory above.
            if let lock = Self.obstacle(parent) ?? Self.protection(parent) { return lock }
            if let lock = try look(at: directory, status) { return lock }
        }
        return nil
    }

    private func look(at path: String, _ status: FileStatus) throws(RoostError) -> RepositoryLock? {
        if status.kind != .symbolicLink, let lock = Self.protection(path) { return lock }
        let user = CurrentProcess.effectiveUser
        guard status.owner == user || user == 0 else {
            var names = AccountNames()
            return RepositoryLock(reason: "'\(path)' belongs to \(names.user(status.owner) ?? "user \(status.owner)")")
        }
        guard status.kind == .directory else { return nil }
        if let lock = Self.obstacle(path) { return lock }
        for name in try FileSystem.list(path) {
            let child = "\(path)/\(name)"
            // Gone since: expiry may be at work.
            guard let status = try FileStatus.of(child) else { continue }
            if let lock = try look(at: child, status) { return lock }
        }
        return nil
    }

    private static func obstacle(_ directory: String) -> RepositoryLock? {
        FileSystem.obstacle(inDirectory: directory).map { RepositoryLock(reason: $0.message) }
    }

    private static func protection(_ path: String) -> RepositoryLock? {
        FileProtection.of(path).map { RepositoryLock(reason: "'\(path)' is \($0)") }
    }
}

extension ConfiguredEngine {
    /// - Parameter rest: What is told beside the lock.
    /// - Throws: ``AdminRefusal/Reason/locked`` if the repository would refuse to have the stanza deleted,
    ///   ``AdminRefusal/Reason/configuration`` if that cannot be told; what keeps the probe from telling.
    func requireUnlocked(saying rest: String, hints: [String]) throws {
        guard let lockProbe else {
            throw AdminRefusal(
                .configuration, "whether \(repositoryText) is locked cannot be told, so nothing is deleted from it")
        }
        guard let lock = try lockProbe.findLock() else { return }
        let end = lock.until.map { ", until \(LocalTime($0).text)" } ?? ""
        throw AdminRefusal(
            .locked, "\(repositoryText) is locked: \(lock.reason)\(end)\n\(rest)", hints: hints)
    }
}
