internal import RoostEngine
internal import RoostSystem

/// What a stanza leaves on a host beside its repository: files in the spool and locks.
struct StanzaLeftovers {
    private let configured: ConfiguredEngine
    private let stanza: String

    init(_ configured: ConfiguredEngine, stanza: String) {
        self.configured = configured
        self.stanza = stanza
    }

    /// Removes the marks and queues of asynchronous archiving.
    ///
    /// Not what Roost keeps beside them: WAL that was lost stays on record.
    ///
    /// - Returns: How many files there were.
    func purgeSpool(isDryRun: Bool) throws(RoostError) -> Int {
        guard let path = configured.spoolPath else { return 0 }
        let spool = "\(path)/archive/\(stanza)"
        guard try FileStatus.of(spool)?.kind == .directory else { return 0 }
        var count = 0
        for queue in try FileSystem.list(spool) {
            let directory = "\(spool)/\(queue)"
            guard try FileStatus.of(directory)?.kind == .directory else { continue }
            for name in try FileSystem.list(directory) {
                count += 1
                if !isDryRun { try FileSystem.removeFile("\(directory)/\(name)") }
            }
            // So that no power cut brings them back.
            if !isDryRun { try FileSystem.syncDirectory(directory) }
        }
        return count
    }

    /// The processes that hold a lock on the stanza.
    func holders() throws(RoostError) -> Set<Int32> {
        var ids: Set<Int32> = []
        for name in try lockFiles() {
            // What it says of a process is to be believed of this user only.
            try FileSystem.requireOwn("\(configured.lockPath)/\(name)")
            guard let holder = try LockFile.holder(of: "\(configured.lockPath)/\(name)"),
                let id = StanzaLock.processID(in: holder.content)
            else { continue }
            ids.insert(id)
        }
        return ids
    }

    private func lockFiles() throws(RoostError) -> [String] {
        guard try FileStatus.of(configured.lockPath, followingLinks: true)?.kind == .directory else { return [] }
        let kinds = StanzaLock.Kind.allCases.map { "\(stanza)-\($0.rawValue)" }
        return try FileSystem.list(configured.lockPath).filter { name in
            name.hasSuffix(".lock") && kinds.contains { name == "\($0).lock" || name.hasPrefix("\($0)-") }
        }
    }

    /// Removes the directories of the stanza in the spool, and lock files that nobody holds.
    ///
    /// - Returns: What was removed.
    func removeAll(isDryRun: Bool) throws(RoostError) -> [String] {
        var removed: [String] = []
        let parts = configured.spoolPath.map { path in ["archive", "roost"].map { "\(path)/\($0)/\(stanza)" } } ?? []
        for directory in parts {
            guard try FileStatus.of(directory)?.kind == .directory else { continue }
            if !isDryRun { try FileSystem.removeTree(directory) }
            removed.append(directory)
        }
        for name in try lockFiles() {
            let path = "\(configured.lockPath)/\(name)"
            guard try LockFile.holder(of: path) == nil else { continue }
            if !isDryRun { try FileSystem.removeFile(path) }
            removed.append(path)
        }
        return removed
    }
}
