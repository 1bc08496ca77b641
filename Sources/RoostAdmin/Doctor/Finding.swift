internal import RoostFormat

/// One thing that the doctor looked at.
package struct Finding: Sendable, Equatable {
    /// By rising severity; the raw value of all but the first is the exit status of a report whose worst finding it is.
    package enum Level: Int32, Sendable, Comparable {
        case fine = 0
        /// Backups are made and can be restored, but somebody should look.
        case warning = 10
        /// Backups or archiving do not work, or are in danger.
        case problem = 20

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    package var level: Level
    /// Which part was looked at, one word: `archive`.
    package var part: String
    /// A plain sentence without a full stop.
    package var message: String
    /// The command, or what else mends it; nil where nothing is to be mended.
    package var remedy: String?

    static func fine(_ part: String, _ message: String) -> Finding {
        Finding(level: .fine, part: part, message: message)
    }

    static func warning(_ part: String, _ message: String, mend remedy: String) -> Finding {
        Finding(level: .warning, part: part, message: message, remedy: remedy)
    }

    static func problem(_ part: String, _ message: String, mend remedy: String) -> Finding {
        Finding(level: .problem, part: part, message: message, remedy: remedy)
    }
}

extension AdminReport {
    /// Takes findings over, the worst first, so that the first failed step decides the exit status.
    package mutating func add(_ findings: [Finding]) {
        for level in [Finding.Level.problem, .warning, .fine] {
            for finding in findings where finding.level == level {
                guard level != .fine else {
                    ok(finding.part, finding.message)
                    continue
                }
                let remedy = finding.remedy.map { "\nmend: \($0)" } ?? ""
                let word = level == .warning ? "warning: " : ""
                failed(finding.part, word + finding.message + remedy, code: level.rawValue)
            }
        }
        for (name, level) in [("problems", Finding.Level.problem), ("warnings", .warning)] {
            facts[name] = .array(findings.filter { $0.level == level }.map { .string($0.part) })
        }
    }
}
