internal import RoostFormat
internal import RoostSystem

/// Where a recovery is to begin and to end, and what is to happen there; checked, and as the engine's `restore` takes it.
package struct RecoveryGoal: Sendable, Equatable {
    package enum Target: Sendable, Equatable {
        /// The end of the WAL in the archive.
        case latest
        /// As soon as the backup is consistent.
        case immediate
        case time(String)
        case name(String)
        case lsn(String)
        case xid(String)

        /// The engine's `--type`; nil for its default.
        package var type: String? {
            switch self {
            case .latest: nil
            case .immediate: "immediate"
            case .time: "time"
            case .name: "name"
            case .lsn: "lsn"
            case .xid: "xid"
            }
        }

        package var value: String? {
            switch self {
            case .latest, .immediate: nil
            case .time(let value), .name(let value), .lsn(let value), .xid(let value): value
            }
        }
    }

    package enum Action: String, Sendable, CaseIterable { case pause, promote, shutdown }

    package var target = Target.latest
    /// Nil for the one that suits the target.
    package var set: String?
    /// `latest`, `current` or a number; nil for the engine's choice.
    package var timeline: String?
    /// Stop just before the target.
    package var isExclusive = false
    package var action = Action.pause

    package init() {}

    /// Whether the server stays in recovery when the target is reached.
    package var waitsAtTarget: Bool { target != .latest && action == .pause }

    /// Options of the engine's `restore`.
    package var options: [String] {
        var options: [String] = []
        if let type = target.type { options.append("--type=\(type)") }
        if let value = target.value { options.append("--target=\(value)") }
        if isExclusive { options.append("--target-exclusive") }
        if target != .latest, action != .pause { options.append("--target-action=\(action.rawValue)") }
        if let timeline { options.append("--target-timeline=\(timeline)") }
        if let set { options.append("--set=\(set)") }
        return options
    }

    /// For a person: `time 2026-11-22 15:00:00+00`.
    package var text: String {
        switch target {
        case .latest: "latest (end of WAL)"
        case .immediate: "immediate (as soon as consistent)"
        default: "\(target.type ?? "") \(target.value ?? "")"
        }
    }
}

// MARK: Checks

extension RecoveryGoal {
    /// Gives one of the targets by its engine's name; `default` and `latest` are the end of WAL.
    ///
    /// - Throws: ``AdminRefusal/Reason/usage`` for a value that is none.
    package static func target(type: String, value: String) throws(AdminRefusal) -> Target {
        switch type {
        case "default", "latest": return .latest
        case "immediate": return .immediate
        case "time": return .time(try checkedTime(value))
        case "name":
            // What would end the setting that it is written into.
            guard !value.isEmpty, !value.contains(where: { "'\\".contains($0) || $0.isNewline }) else {
                throw AdminRefusal(.usage, "'\(value)' is no name of a restore point: empty, or with quotes in it")
            }
            return .name(value)
        case "lsn":
            guard matches(value, "^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$") else {
                throw AdminRefusal(.usage, "'\(value)' is no LSN", hints: ["as PostgreSQL shows it: 0/4000028"])
            }
            return .lsn(value.uppercased())
        case "xid":
            guard matches(value, "^[0-9]{1,10}$"), let number = UInt32(value), number > 0 else {
                throw AdminRefusal(.usage, "'\(value)' is no transaction id", hints: ["a number from 1 to 4294967295"])
            }
            return .xid("\(number)")
        default:
            throw AdminRefusal(
                .usage, "'\(type)' is no type of recovery",
                hints: ["one of default, latest, immediate, time, name, lsn, xid"])
        }
    }

    /// Whether a time names its zone; without one the server reads it in its own.
    package var hasZone: Bool {
        guard case .time(let text) = target else { return true }
        return text.dropFirst(19).contains { $0 == "+" || $0 == "-" }
    }

    private static func checkedTime(_ text: String) throws(AdminRefusal) -> String {
        let day = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        let time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?"
        guard matches(text, "^\(day)[ T]\(time)([+-][0-9]{2}(:?[0-9]{2})?)?$") else {
            throw AdminRefusal(
                .usage, "'\(text)' is no time",
                hints: ["YYYY-MM-DD HH:MM:SS, best with a zone: 2026-11-22 15:00:00+00"])
        }
        return text.replacing("T", with: " ")
    }

    /// `latest` is what happens without one.
    package static func checkedSet(_ text: String) throws(AdminRefusal) -> String? {
        if text == "latest" { return nil }
        guard BackupLabel(text) != nil else {
            throw AdminRefusal(
                .usage, "'\(text)' is no backup set",
                hints: ["`latest`, or a label that `info` lists: 20261122-141514F"])
        }
        return text
    }

    package static func checkedTimeline(_ text: String) throws(AdminRefusal) -> String {
        if text == "latest" || text == "current" { return text }
        guard matches(text, "^[0-9]{1,10}$"), let number = UInt32(text), number > 0 else {
            throw AdminRefusal(.usage, "'\(text)' is no timeline", hints: ["latest, current, or a number from 1 on"])
        }
        return "\(number)"
    }

    /// What contradicts itself.
    package func check() throws(AdminRefusal) {
        guard !isExclusive || target.value != nil, !isExclusive || target.type != "name" else {
            throw AdminRefusal(
                .usage, "exclusive recovery means nothing without a time, LSN or transaction to stop before",
                hints: ["leave it out"])
        }
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        // The patterns are written here.
        guard let expression = try? RegularExpression(pattern) else { preconditionFailure("a pattern is not valid") }
        return expression.matches(text)
    }
}
