package import Foundation

/// A directory as names, kinds, modes and contents, to be compared with another byte for byte.
package struct DirectoryTree: Sendable, Equatable {
    package enum Entry: Sendable, Equatable {
        case directory(mode: UInt16)
        case file(mode: UInt16, owner: UInt32, seconds: Int, content: Data)
        case link(destination: String)
        case other
    }

    package private(set) var entries: [String: Entry] = [:]

    /// Reads everything below a path into memory, since the files may change afterwards; links are not followed but for
    /// tablespaces.
    package init(_ root: String) throws { try walk(root, prefix: "") }

    private mutating func walk(_ path: String, prefix: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            let full = path + "/" + name
            let relative = prefix + name
            var status = stat()
            guard lstat(full, &status) == 0 else { throw TestFailure("\(full) vanished while it was compared") }
            let mode = UInt16(status.st_mode & 0o7777)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                entries[relative] = .directory(mode: mode)
                try walk(full, prefix: relative + "/")
            case S_IFREG:
                entries[relative] = .file(
                    mode: mode,
                    owner: status.st_uid,
                    seconds: status.st_mtim.tv_sec,
                    content: try Data(contentsOf: URL(fileURLWithPath: full))
                )
            case S_IFLNK:
                entries[relative] = .link(
                    destination: try FileManager.default.destinationOfSymbolicLink(atPath: full)
                )
                if prefix == "pg_tblspc/" { try walk(full, prefix: relative + "/") }
            default: entries[relative] = .other
            }
        }
    }

    /// What differs, one sentence for each path; empty if nothing.
    ///
    /// - Parameters:
    ///   - allowed: Whether a path may differ.
    ///   - times: Whether modification times of files count.
    package func differences(
        from other: DirectoryTree,
        times: Bool = true,
        allowing allowed: (String) -> Bool = { _ in false }
    ) -> [String] {
        Set(entries.keys).union(other.entries.keys).sorted().compactMap { path in
            guard !allowed(path) else { return nil }
            switch (entries[path], other.entries[path]) {
            case (nil, _): return "\(path): only in the second"
            case (_, nil): return "\(path): only in the first"
            case (
                .file(let mode, let owner, let seconds, let content)?,
                .file(let mode2, let owner2, let seconds2, let content2)?
            ):
                var parts: [String] = []
                if mode != mode2 { parts.append("mode \(String(mode, radix: 8)) and \(String(mode2, radix: 8))") }
                if owner != owner2 { parts.append("owner \(owner) and \(owner2)") }
                if times, seconds != seconds2 { parts.append("time \(seconds) and \(seconds2)") }
                if content != content2 { parts.append("content (\(content.count) and \(content2.count) bytes)") }
                return parts.isEmpty ? nil : "\(path): \(parts.joined(separator: ", "))"
            case (let first?, let second?):
                return first == second ? nil : "\(path): \(first) and \(second)"
            }
        }
    }

    /// Whether a restore writes a path by its own rules.
    ///
    /// Recovery settings, and `pg_control`, whose checkpoint releases since 2.51 make invalid.
    package static func isWrittenByRestore(_ path: String) -> Bool {
        ["postgresql.auto.conf", "recovery.signal", "standby.signal", "global/pg_control"].contains(path)
    }

    /// Whether no backup contains a path of a data directory, or a restore writes it by its own rules.
    package static func isExcludedFromBackup(_ path: String) -> Bool {
        let directories = [
            "pg_dynshmem/", "pg_notify/", "pg_replslot/", "pg_serial/", "pg_snapshots/", "pg_stat_tmp/", "pg_subtrans/",
        ]
        let files: Set = ["postmaster.opts", "postmaster.pid", "backup_label.old"]
        return isWrittenByRestore(path) || files.contains(path) || directories.contains { path.hasPrefix($0) }
            || path.hasPrefix("base/pgsql_tmp") || (path as NSString).lastPathComponent.hasPrefix("pg_internal.init")
    }
}
