package import RoostSystem

/// The files by which an administrator keeps commands from running on a host: `<lock-path>/<stanza>.stop` and `all.stop`.
package struct StopFile: Sendable {
    private let lockPath: String

    package init(lockPath: String) { self.lockPath = lockPath }

    /// - Throws: ``ErrorCode/stop`` if commands on the stanza, or all, are stopped.
    package func check(stanza: String) throws(RoostError) {
        let hint = "`start` allows commands again"
        if try FileStatus.of(path(nil)) != nil {
            throw RoostError(.stop, "stop file exists for all stanzas", hints: [hint])
        }
        if try FileStatus.of(path(stanza)) != nil {
            throw RoostError(.stop, "stop file exists for stanza \(stanza)", hints: [hint])
        }
    }

    /// Whether commands on the stanza itself are stopped; a stop of all does not count.
    package func exists(stanza: String) throws(RoostError) -> Bool { try FileStatus.of(path(stanza)) != nil }

    /// Removes the file of a stanza that is no more.
    func remove(stanza: String) throws(RoostError) { try FileSystem.removeFile(path(stanza)) }

    /// `start`: removes the file of a stanza, or with nil that of all.
    package func start(stanza: String?, log: any Log) throws(RoostError) {
        guard try !FileSystem.removeFile(path(stanza)) else { return }
        log.warn("stop file does not exist" + (stanza.map { " for stanza \($0)" } ?? ""))
    }

    /// `stop`: creates the file; with `force` ends the commands that hold a lock.
    package func stop(stanza: String?, force: Bool, log: any Log) throws(RoostError) {
        guard try FileStatus.of(path(stanza)) == nil else {
            log.warn("stop file already exists for \(stanza.map { "stanza \($0)" } ?? "all stanzas")")
            return
        }
        try FileSystem.createDirectory(lockPath, mode: 0o770)
        let file = try OwnedDescriptor.create(path(stanza), mode: 0o640)
        try file.close()
        if force { try endHolders(stanza: stanza, log: log) }
    }

    private func endHolders(stanza: String?, log: any Log) throws(RoostError) {
        for name in try FileSystem.list(lockPath) where name.hasSuffix(".lock") {
            if let stanza, !name.hasPrefix("\(stanza)-") { continue }
            let lock = "\(lockPath)/\(name)"
            if let holder = try LockFile.holder(of: lock) {
                guard let id = StanzaLock.processID(in: holder.content), CurrentProcess.terminate(id) else {
                    log.warn("unable to tell which process holds '\(lock)'")
                    continue
                }
                log.info("sent SIGTERM to process \(id)")
            } else {
                log.warn("lock file '\(lock)' is not held by a process: removed")
            }
            try FileSystem.removeFile(lock)
        }
    }

    private func path(_ stanza: String?) -> String { "\(lockPath)/\(stanza ?? "all").stop" }
}
