package import RoostFormat
internal import RoostSystem

/// What an administrator's command did, step by step: shown to people as text, to playbooks as one JSON object.
///
/// A command adds a step for each thing that it did or found done, and facts that later tasks need. What would be done in a dry
/// run is a step of status ``Step/Status/changed`` too; ``isDryRun`` says that it was not.
package struct AdminReport: Sendable, Equatable {
    package struct Step: Sendable, Equatable {
        package enum Status: String, Sendable {
            /// It was as it should be.
            case ok
            case changed
            /// It was not looked at, or did not apply.
            case skipped
            case failed
        }

        /// One word or a few with hyphens, `stanza-create`, by which playbooks look it up.
        package var name: String
        package var status: Status
        package var message: String
    }

    package private(set) var steps: [Step] = []
    /// What a playbook or a person may want to know; never a secret.
    package var facts: [String: JSONValue] = [:]
    /// What was asked for, if the command only tells something: shown to people in place of the steps.
    package var data: String?
    /// The exit status, 0 unless a step failed.
    package private(set) var code: Int32 = 0
    package let isDryRun: Bool

    package init(isDryRun: Bool = false) { self.isDryRun = isDryRun }

    package var hasChanged: Bool { steps.contains { $0.status == .changed } }
    package var hasFailed: Bool { code != 0 }

    package mutating func ok(_ name: String, _ message: String) { add(name, .ok, message) }
    package mutating func changed(_ name: String, _ message: String) { add(name, .changed, message) }
    package mutating func skipped(_ name: String, _ message: String) { add(name, .skipped, message) }

    /// Ends the report with an error, whose exit status becomes that of the command; of several the first one's.
    package mutating func failed(_ name: String, _ error: any Error) {
        let (status, message) =
            if let refusal = error as? AdminRefusal {
                (refusal.reason.rawValue, refusal.description)
            } else {
                (RoostError.wrapping(error).code.exitStatus, "\(RoostError.wrapping(error))")
            }
        failed(name, message, code: status)
    }

    /// The same for a command with exit statuses of its own.
    ///
    /// - Parameter code: Not 0.
    package mutating func failed(_ name: String, _ message: String, code status: Int32) {
        precondition(status != 0, "a failure has an exit status")
        if code == 0 { code = status }
        add(name, .failed, message)
    }

    private mutating func add(_ name: String, _ status: Step.Status, _ message: String) {
        steps.append(Step(name: name, status: status, message: message))
    }
}

extension AdminReport {
    /// Runs one part of a command, which adds its own steps; an error becomes a failed step of the part's name.
    ///
    ///     guard report.perform("check", { report in … }) else { return }
    ///
    /// - Returns: Whether it did not fail, so that the next one may begin.
    package mutating func perform(_ name: String, _ body: (inout AdminReport) throws -> Void) -> Bool {
        do {
            try body(&self)
        } catch {
            failed(name, error)
        }
        return !hasFailed
    }
}
