internal import RoostFormat
package import RoostSystem

/// How far the recovery of a member has come: written before and after each step that changes something, so that a run that was
/// stopped anywhere can go on, or be undone.
package struct PitrState: Sendable, Equatable {
    /// Each says what has been begun or done; in their order.
    package enum Phase: String, Sendable, CaseIterable, Comparable {
        case stopping, down
        /// What was there is being given its other name; has it.
        case keeping, kept
        case restoring, restored
        case recovering
        /// Recovery has come to its ``PitrState/outcome``.
        case reached
        case starting, up
        /// What was kept is being removed: from here on nothing can be undone.
        case accepting
        /// What was there is being brought back.
        case undoing

        package static func < (left: Phase, right: Phase) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    package enum Outcome: String, Sendable {
        case paused, promoted
        case shutDown = "shutdown"
    }

    package var phase = Phase.stopping
    package var cluster: String
    package var source: String
    /// Whether a server ran when this began.
    package var wasRunning = false
    /// The unit of systemd that ran it, or the Patroni that did; nil for another manager, or none.
    package var unit: String?
    /// Where the former data lies, or will; nil if it is not kept.
    package var kept: String?
    /// For a person: to which point.
    package var goal: String
    /// Whether there is one before the end of the WAL.
    package var hasTarget: Bool
    package var expected: Outcome
    package var outcome: Outcome?
    package var archives: Bool
    /// All that was asked of the engine, to tell another request from the same.
    package var options: [String]
    /// Whether ``Phase/starting`` had been reached before it was to be undone.
    package var wasStarted = false
    /// Whether nothing but the start is left of `up`.
    package var isHandedOver = false
    /// When it began, in seconds since 1970.
    package var began: Int64

    package init(_ request: PitrRequest, cluster: String, began: Int64) {
        self.cluster = cluster
        source = request.source
        goal = request.goal.text
        hasTarget = request.goal.target != .latest
        expected = request.expected
        archives = request.archives
        options = request.options
        self.began = began
    }

    /// Whether no recovery of its own has begun: the member only waits for the primary's.
    var isOfReplica: Bool { outcome == nil && [.down, .keeping, .kept, .restoring, .starting].contains(phase) }

    func isAimed(at request: PitrRequest) -> Bool { source == request.source && options == request.options }

    /// Takes another target.
    mutating func aim(at request: PitrRequest) {
        let fresh = PitrState(request, cluster: cluster, began: began)
        (source, goal, hasTarget) = (fresh.source, fresh.goal, fresh.hasTarget)
        (expected, archives, options) = (fresh.expected, fresh.archives, fresh.options)
        outcome = nil
    }

    package var json: String {
        var members: [String: JSONValue] = [
            "phase": .string(phase.rawValue), "cluster": .string(cluster), "source": .string(source),
            "was-running": .bool(wasRunning), "goal": .string(goal), "expected": .string(expected.rawValue),
            "has-target": .bool(hasTarget), "archives": .bool(archives), "began": .string("\(began)"),
            "options": .array(options.map(JSONValue.string)), "was-started": .bool(wasStarted),
            "handed-over": .bool(isHandedOver),
        ]
        if let kept { members["kept"] = .string(kept) }
        if let unit { members["unit"] = .string(unit) }
        if let outcome { members["outcome"] = .string(outcome.rawValue) }
        return JSONValue.object(members).text + "\n"
    }

    /// - Throws: ``ErrorCode/format`` for what this did not write.
    package init(parsing text: String, path: String) throws(RoostError) {
        let value = try JSONValue(parsingForeign: text)
        func string(_ key: String) -> String? {
            guard case .string(let text) = value[key] else { return nil }
            return text
        }
        guard let phase = string("phase").flatMap(Phase.init(rawValue:)), let cluster = string("cluster"),
            let source = string("source"), let goal = string("goal"),
            let expected = string("expected").flatMap(Outcome.init(rawValue:)),
            case .bool(let wasRunning) = value["was-running"], case .bool(let archives) = value["archives"],
            case .bool(let hasTarget) = value["has-target"], case .bool(let wasStarted) = value["was-started"],
            case .bool(let isHandedOver) = value["handed-over"],
            case .array(let options) = value["options"], let began = string("began").flatMap({ Int64($0) })
        else {
            throw RoostError(.format, "'\(path)' is not what `roost pitr` has written there")
        }
        self.phase = phase
        self.cluster = cluster
        self.source = source
        self.goal = goal
        self.hasTarget = hasTarget
        self.expected = expected
        self.wasRunning = wasRunning
        self.archives = archives
        self.began = began
        self.wasStarted = wasStarted
        self.isHandedOver = isHandedOver
        self.options = options.compactMap { option in
            guard case .string(let text) = option else { return nil }
            return text
        }
        kept = string("kept")
        unit = string("unit")
        outcome = string("outcome").flatMap(Outcome.init(rawValue:))
    }
}
