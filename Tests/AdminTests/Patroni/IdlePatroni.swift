import Foundation
import RoostTesting

extension RunningCommand {
    /// What looks like Patroni and does nothing.
    ///
    /// - Parameter data: The data directory that its configuration names.
    static func idlePatroni(over data: String, in scratch: ScratchDirectory) throws -> RunningCommand {
        let script = try scratch.file("patroni", "import signal\nsignal.pause()\n")
        let settings = try scratch.file("patroni.yml", "scope: demo\npostgresql:\n  data_dir: \(data)\n")
        let patroni = try Command("/usr/bin/python3", [script, settings]).start()
        let words = Data("/usr/bin/python3\0\(script)".utf8)
        try waitUntil("Patroni") {
            FileManager.default.contents(atPath: "/proc/\(patroni.processID)/cmdline")?.starts(with: words) == true
        }
        return patroni
    }
}
