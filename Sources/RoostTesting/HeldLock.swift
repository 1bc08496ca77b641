import Foundation

extension Command {
    /// A program that holds a lock file, as a command of any release of pgBackRest does; it holds it when this returns.
    ///
    /// - Parameters:
    ///   - owner: The process that the file tells; its own if nil.
    ///   - ignoresTerm: Whether only SIGKILL ends it.
    package static func holdLock(
        _ path: String, telling owner: String? = nil, ignoresTerm: Bool = false, as account: Account = .unprivileged
    ) throws -> RunningCommand {
        let script = """
            trap \(ignoresTerm ? "''" : "-") TERM; exec 9<>\(path); flock 9; : > \(path)
            printf '{"execId":"1-a","pid":%d}' \(owner ?? "$$") >&9; exec sleep 600
            """
        let holder = try Command("/bin/bash", ["-euc", script], as: account).start()
        let end = Data(":\(owner ?? "\(holder.processID)")}".utf8)
        try waitUntil("the lock '\(path)' to be held") {
            FileManager.default.contents(atPath: path)?.suffix(end.count) == end
        }
        return holder
    }
}
