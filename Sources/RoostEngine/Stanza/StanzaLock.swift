internal import RoostFormat
package import RoostSystem

/// The locks of a command on a stanza, taken under the names of every release that may run beside us: up to 2.52
/// `<stanza>-backup.lock`, later `<stanza>-backup-1.lock`.
package final class StanzaLock {
    package enum Kind: String, Sendable, CaseIterable { case archive, backup, restore }

    private final class Held {
        var file: LockFile
        init(_ file: consuming LockFile) { self.file = file }
    }

    private let executionID: String
    private var held: [Held] = []
    private var lastPercentage: UInt64?

    /// Takes the locks; waits for no command, only for those that look who holds them.
    ///
    /// - Parameters:
    ///   - repositoryKey: The number of the repository.
    ///   - waits: False to try once, for those who will come again.
    ///   - executionID: Told in the lock file; processes that belong together share it.
    /// - Throws: ``ErrorCode/lockAcquire`` if another command runs.
    package init(
        _ kinds: [Kind], stanza: String, repositoryKey: Int, lockPath: String, executionID: String,
        waits: Bool = true, clock: any WallClock = SystemClock()
    ) throws(RoostError) {
        self.executionID = executionID
        let content = Self.content(executionID: executionID, progress: nil)
        for kind in kinds {
            for name in ["\(stanza)-\(kind.rawValue)-\(repositoryKey).lock", "\(stanza)-\(kind.rawValue).lock"] {
                held.append(
                    Held(try LockFile.acquire("\(lockPath)/\(name)", content: content, waits: waits, clock: clock)))
            }
        }
    }

    /// Shows other commands how far this one is; cheap to call often.
    package func report(size: UInt64, complete: UInt64) throws(RoostError) {
        let percentage = Progress(complete: complete, total: size).hundredths
        if let lastPercentage, percentage < lastPercentage + 10 { return }
        lastPercentage = percentage
        try write(Self.content(executionID: executionID, progress: (percentage, size, complete)))
    }

    /// Takes the progress away again.
    package func endReport() throws(RoostError) { try write(Self.content(executionID: executionID, progress: nil)) }

    /// The process that a lock file tells of.
    package static func processID(in content: String) -> Int32? {
        guard let value = try? JSONValue(parsing: content) else { return nil }  // anything may have written the file
        // 0 would be every process of our group, 1 the first of the system.
        guard case .unsigned(let id) = value["pid"], id > 1 else { return nil }
        return Int32(exactly: id)
    }

    /// How far the command is that a lock file tells of.
    static func progress(in content: String) -> StanzaInfo.Running {
        var running = StanzaInfo.Running()
        // Anything may have written the file.
        guard let value = try? JSONValue(parsing: content) else { return running }
        if case .unsigned(let size) = value["sz"], case .unsigned(let complete) = value["szCplt"] {
            running.size = size
            running.complete = complete
        } else if case .unsigned(let hundredths) = value["pctCplt"] {
            running.percentage = min(hundredths, 10_000)
        }
        return running
    }

    /// To every name, so that each release finds it under its own.
    private func write(_ content: String) throws(RoostError) {
        for lock in held { try lock.file.write(content) }
    }

    private static func content(
        executionID: String, progress: (percentage: UInt64, size: UInt64, complete: UInt64)?
    ) -> String {
        var members: [String: JSONValue] = [
            "execId": .string(executionID), "pid": .unsigned(UInt64(CurrentProcess.id)),
        ]
        if let progress {
            members["pctCplt"] = .unsigned(progress.percentage)
            members["sz"] = .unsigned(progress.size)
            members["szCplt"] = .unsigned(progress.complete)
        }
        return JSONValue.object(members).text
    }
}
