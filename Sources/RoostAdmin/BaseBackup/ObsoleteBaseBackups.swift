package import RoostSystem

/// Earlier base backups that are older than they need to be.
///
/// Only files named `backup_*.lz4` directly in the directory count: it may hold a repository too, and files that somebody
/// named with `-f`. Links are left alone, whatever they point to.
package struct ObsoleteBaseBackups {
    private let directory: String
    /// In whole minutes; older ones go.
    private let keptMinutes: Int

    package init(directory: String, keptMinutes: Int) {
        self.directory = directory
        self.keptMinutes = keptMinutes
    }

    /// Removes them, oldest name first.
    ///
    /// - Parameters:
    ///   - file: Stays, whatever its age: it was just made.
    ///   - told: Called before each is removed.
    /// - Returns: Their paths.
    /// - Throws: The first error, after all that can be removed were.
    package func remove(except file: String, now: Int64, _ told: (String) -> Void) throws(RoostError) -> [String] {
        var failure: RoostError?
        var removed: [String] = []
        for name in try FileSystem.list(directory) where name != file {
            guard name.hasPrefix("backup_"), name.hasSuffix(".lz4") else { continue }
            let path = "\(directory)/\(name)"
            guard let status = try FileStatus.of(path), status.kind == .file, isObsolete(status, now: now) else {
                continue
            }
            do {
                told(path)
                try FileSystem.removeFile(path)
                removed.append(path)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return removed
    }

    private func isObsolete(_ status: FileStatus, now: Int64) -> Bool {
        (now - status.modified) / 60 > Int64(keptMinutes)
    }
}
