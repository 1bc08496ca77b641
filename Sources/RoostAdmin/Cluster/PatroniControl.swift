internal import RoostFormat
package import RoostSystem

/// What an administrator asks of Patroni, through `patronictl`.
package struct PatroniControl: Sendable {
    package struct Member: Sendable, Equatable {
        package var name: String
        /// `Leader`, `Standby Leader`, `Replica`, `Sync Standby`.
        package var role: String
        /// `running`, `streaming`, `in archive recovery`, `stopped`.
        package var state: String
        package var isPendingRestart: Bool

        package var isLeader: Bool { role.hasSuffix("Leader") }
        package var isRunning: Bool { ["running", "streaming", "in archive recovery"].contains(state) }
        /// Whether nothing of it acts any more; a Patroni that was killed the store forgets a little later.
        package var isGone: Bool { state == "stopped" }
    }

    private let patroni: ClusterSpecification.Patroni

    package init(_ patroni: ClusterSpecification.Patroni) { self.patroni = patroni }

    /// All members, as the store knows them.
    package func members() throws -> [Member] {
        let text = try run("list the members of", ["list", patroni.scope, "-f", "json"]).output
        guard case .array(let rows) = try JSONValue(parsingForeign: text) else {
            throw RoostError(.format, "patronictl list of '\(patroni.scope)' is no list")
        }
        return rows.compactMap { row in
            guard case .string(let name) = row["Member"] else { return nil }
            func text(_ key: String) -> String {
                guard case .string(let value) = row[key] else { return "" }
                return value
            }
            return Member(
                name: name, role: text("Role"), state: text("State"),
                isPendingRestart: !text("Pending restart").isEmpty)
        }
    }

    /// Sets parameters of all members in the dynamic configuration; nil takes one away.
    ///
    /// Patroni has the servers reload them a little later.
    package func set(_ parameters: [String: String?]) throws {
        let values = parameters.mapValues { $0.map { JSONValue.string($0) } ?? .null }
        let change = JSONValue.object(["postgresql": .object(["parameters": .object(values)])])
        _ = try run(
            "change the configuration of", ["edit-config", patroni.scope, "--apply", "-", "--force", "--quiet"],
            input: change.text)
    }

    /// Restarts the server of a member and waits for it.
    package func restart(member: String) throws {
        do {
            _ = try run("restart '\(member)' of", ["restart", patroni.scope, member, "--force"])
        } catch {
            // On a slow host `patronictl` asks a second time before the first answer, and is refused for that.
            guard RoostError.wrapping(error).message.contains("restart already in progress") else { throw error }
            var waiter = Waiter(timeout: 600_000, clock: SystemClock())
            while try !isRestarted(member) {
                guard try waiter.waitAgain() else { throw error }
            }
        }
    }

    private func isRestarted(_ name: String) throws -> Bool {
        guard let member = try members().first(where: { $0.name == name }) else { return false }
        return !member.isPendingRestart && member.isRunning
    }

    /// - Returns: False where it was paused already.
    package func pause() throws -> Bool {
        do {
            _ = try run("pause", ["pause", patroni.scope, "--wait"])
            return true
        } catch {
            guard RoostError.wrapping(error).message.contains("already paused") else { throw error }
            return false
        }
    }

    /// Members that run notice it a little later.
    ///
    /// In the store itself: `patronictl resume` asks a member, and there may be none.
    package func resume() throws {
        let words = ["edit-config", patroni.scope, "-s", "pause=null", "--force", "--quiet"]
        do {
            _ = try run("resume", words, isUninterrupted: true)
        } catch {
            // A store that has forgotten the cluster, or has none of its configuration, knows of no pause either.
            let message = RoostError.wrapping(error).message
            guard
                ["'NoneType' object has no attribute 'data'", "config key does not exist"].contains(
                    where: message.contains)
            else { throw error }
        }
    }

    /// Lets other members go on whose Patroni is alive.
    ///
    /// - Returns: False where there is none.
    func resumeOthers() throws -> Bool {
        do {
            _ = try run("resume", ["resume", patroni.scope])
            return true
        } catch {
            let message = RoostError.wrapping(error).message
            if message.contains("not paused") { return true }
            guard message.contains("Can not find accessible cluster member") else { throw error }
            return false
        }
    }

    /// - Parameters:
    ///   - activity: For the message: `pause` of `unable to pause the cluster 'pg-meta'`.
    ///   - isUninterrupted: Also after a signal: for what cleans up behind one.
    package func run(
        _ activity: String, _ arguments: [String], input: String? = nil, isUninterrupted: Bool = false
    ) throws -> ChildProgram.Result {
        guard let path = ChildProgram.find("patronictl", in: ["/usr/bin", "/usr/local/bin"]) else {
            throw AdminRefusal(
                .configuration, "unable to \(activity) the cluster '\(patroni.scope)': there is no patronictl in PATH")
        }
        var program = ChildProgram(path, ["-c", patroni.configuration] + arguments)
        program.environment = ["LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "ignore"]
        program.timeout = isUninterrupted ? 60_000 : 600_000
        program.isUninterrupted = isUninterrupted
        if let input { program.input = .bytes(Array(input.utf8)) }
        let result = try program.run()
        // Some of its commands tell a failure and exit 0.
        guard result.succeeded, !result.output.contains("Failed: ") else {
            var failure = result.failure("unable to \(activity) the cluster '\(patroni.scope)'", code: .service)
            if result.succeeded { failure.message += ": \(result.output)" }
            throw failure
        }
        return result
    }
}
