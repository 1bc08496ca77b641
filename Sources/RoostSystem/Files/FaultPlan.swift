#if DEBUG
    internal import Glibc

    /// What a test wants to happen at one system call, read from `ROOST_FAULT` when the process starts.
    ///
    /// Debug builds only.
    ///
    /// `ROOST_FAULT=<calls>:<n>:<action>[:<text>]`. `<calls>` is a comma-separated list of ``Syscall/Kind`` names, `durable`
    /// (those that change what a power cut leaves) or `any`; `<n>` counts matching calls from 1, `*` is all of them; `<action>`
    /// is an errno name, `skip` (report success, do nothing), `short` (of reads and writes: transfer half of what was asked for),
    /// `kill` (as `kill -9`) or `pause` (stop until continued). With `<text>` only calls on paths that contain it count, which calls on an open file do not
    /// have.
    final class FaultPlan: Sendable {
        enum Outcome { case fail(Int32), skip, short }

        static let current: FaultPlan? = getenv("ROOST_FAULT").flatMap { FaultPlan(String(cString: $0)) }

        private static let durable: Set<Syscall.Kind> = [.fsync, .syncfs, .rename, .unlink, .mkdir, .rmdir, .link]
        private static let numbers: [String: Int32] = [
            "EIO": EIO, "ENOSPC": ENOSPC, "EDQUOT": EDQUOT, "EACCES": EACCES, "EROFS": EROFS, "EMFILE": EMFILE,
        ]

        private let kinds: Set<Syscall.Kind>?
        private let position: Int?
        private let action: String
        private let text: String
        private let seen = Guarded(0)

        init(_ specification: String) {
            let parts = specification.split(separator: ":", maxSplits: 3).map(String.init)
            precondition(parts.count >= 3, "ROOST_FAULT is <calls>:<n>:<action>[:<text>]")
            switch parts[0] {
            case "any": kinds = nil
            case "durable": kinds = Self.durable
            default: kinds = Set(parts[0].split(separator: ",").compactMap { Syscall.Kind(rawValue: String($0)) })
            }
            precondition(kinds?.isEmpty != true, "ROOST_FAULT names no known call")
            position = Int(parts[1])
            action = parts[2]
            text = parts.count > 3 ? parts[3] : ""
            precondition(
                Self.numbers[action] != nil || ["skip", "short", "kill", "pause"].contains(action),
                "unknown ROOST_FAULT action")
            precondition(
                text.isEmpty || kinds?.isDisjoint(with: [.read, .write, .truncate, .close]) != false,
                "these calls of ROOST_FAULT have no path")
            precondition(
                action != "short" || kinds?.isSubset(of: [.read, .write]) == true, "only reads and writes can be short")
        }

        func next(_ kind: Syscall.Kind, _ path: String) -> Outcome? {
            if let kinds, !kinds.contains(kind) { return nil }
            if !text.isEmpty, !path.utf8.contains(text.utf8) { return nil }
            let count = seen.withLock { value in
                value += 1
                return value
            }
            if let position, position != count { return nil }
            switch action {
            case "skip": return .skip
            case "short": return .short
            case "kill":
                kill(getpid(), SIGKILL)
                return nil
            case "pause":
                kill(getpid(), SIGSTOP)
                return nil
            default: return Self.numbers[action].map { .fail($0) }
            }
        }
    }

    extension Collection where Element: Equatable {
        fileprivate func contains(_ other: some Collection<Element>) -> Bool {
            var start = startIndex
            while start != endIndex {
                if self[start...].starts(with: other) { return true }
                start = index(after: start)
            }
            return other.isEmpty
        }
    }
#endif
