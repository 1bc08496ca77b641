internal import RoostEngine
internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// The part of ``Enabling`` that makes the stanza one of this cluster.
struct StanzaSetup {
    /// What the repository has under the name of the cluster.
    private enum State: Equatable {
        case absent
        case valid
        /// With the identities of the stanza and of the cluster.
        case ofAnother(String, String)
    }

    /// Archiving that began before there was a stanza may hold its lock for a moment.
    private static let tries = 3
    private static let pause: Int64 = 5_000

    private let specification: ClusterSpecification
    private let engine: any StanzaEngine
    private let isDryRun: Bool
    private let configured: () throws -> ConfiguredEngine?

    init(_ enabling: Enabling) {
        specification = enabling.specification
        engine = enabling.engine
        isDryRun = enabling.isDryRun
        configured = enabling.configuredOrPlanned
    }

    /// Whether this member makes one: the primary for all, or each for itself where repositories are local.
    var isWanted: Bool { specification.isDeclaredPrimary || specification.repository.method == "local" }

    /// - Returns: Whether nothing failed.
    func run(_ report: inout AdminReport) -> Bool {
        var state = State.absent
        guard report.perform("repository", { _ in state = try look() }) else { return false }
        if state != .valid, !report.perform("spool", { try purgeSpool(&$0) }) { return false }
        return report.perform("stanza") { try make(state, &$0) }
    }

    /// For a member that makes none: looks whether the primary has.
    func expect(_ report: inout AdminReport) throws {
        let name = specification.cluster
        switch try look() {
        case .valid: report.ok("stanza", "stanza '\(name)' is of this cluster")
        case .absent:
            report.skipped(
                "stanza", "there is no stanza '\(name)' yet: enable the primary first, then this member archives too")
        case .ofAnother(let found, let wanted): throw mismatch(found, wanted)
        }
    }

    private func look() throws -> State {
        guard let configured = try configured() else { return .absent }
        if let path = configured.repositoryPath { try checkRepository(path) }
        let control = try ControlFile.read(dataDirectory: specification.data, clock: SystemClock()).file
        let wanted = ClusterIdentity(systemID: control.systemID, version: control.version.text)
        guard let found = try identity(in: configured) else { return .absent }
        return found == wanted ? .valid : .ofAnother("\(found)", "\(wanted)")
    }

    /// Whose the stanza is, nil if there is none.
    private func identity(in configured: ConfiguredEngine) throws(RoostError) -> ClusterIdentity? {
        do {
            return try configured.repository.loadArchiveInfo().history.current
        } catch {
            if error.code == .fileMissing { return nil }
            throw RoostError(
                error.code,
                "unable to read stanza '\(specification.cluster)' in \(configured.repository.name): \(error.message)",
                hints: error.hints, errno: error.errno)
        }
    }

    /// Stock would make a missing directory, and so fill the disk below a file system that is not mounted.
    private func checkRepository(_ path: String) throws {
        guard let status = try FileStatus.of(path, followingLinks: true), status.kind == .directory else {
            guard !isDryRun else { return }
            throw AdminRefusal(
                .configuration,
                "the directory '\(path)' of repository '\(specification.repository.method)' does not exist",
                hints: ["is its file system mounted? Else make it, owned by \(specification.account)"])
        }
        guard status.owner != CurrentProcess.effectiveUser else { return }
        var names = AccountNames()
        throw AdminRefusal(
            .configuration,
            "the directory '\(path)' of repository '\(specification.repository.method)' belongs to "
                + "\(names.user(status.owner) ?? "user \(status.owner)"), expected \(specification.account)")
    }

    /// Marks of an earlier cluster would let archive-push report success without sending anything.
    private func purgeSpool(_ report: inout AdminReport) throws {
        guard let configured = try configured() else {
            return report.skipped("spool", "there is no configuration yet that tells where it is")
        }
        let count = try StanzaLeftovers(configured, stanza: specification.cluster).purgeSpool(isDryRun: isDryRun)
        guard count > 0 else { return report.ok("spool", "nothing is left of an earlier stanza") }
        report.changed("spool", "removed \(count) files that an earlier stanza of the name had left")
    }

    private func make(_ state: State, _ report: inout AdminReport) throws {
        let name = specification.cluster
        switch state {
        case .valid:
            if !isDryRun { try create() }
            report.ok("stanza", "stanza '\(name)' is of this cluster")
        case .absent:
            if !isDryRun { try create() }
            report.changed("stanza", "created stanza '\(name)'")
        case .ofAnother(let found, let wanted):
            guard specification.mismatch == .upgrade else { throw mismatch(found, wanted) }
            if !isDryRun { try engine.run("stanza-upgrade", online) }
            report.changed("stanza", "upgraded stanza '\(name)' from \(found) to \(wanted)")
        }
    }

    /// The server confirms which cluster it is, unless it is a replica or does not run; where that cannot be told, the data directory's
    /// own pg_control does, which is what `--no-online` goes by.
    private var online: [String] {
        ServerRole.find(dataDirectory: specification.data, warn: { _ in }) == .primary
            && (try? Postmaster.running(in: specification.data)) != nil ? [] : ["--no-online"]
    }

    private func create() throws {
        let options = online
        for attempt in 1...Self.tries {
            do {
                return try engine.run("stanza-create", options)
            } catch {
                guard error.code == .lockAcquire, attempt < Self.tries else { throw error }
                try Interrupt.sleep(milliseconds: Self.pause)
            }
        }
    }

    private func mismatch(_ found: String, _ wanted: String) -> RoostError {
        let name = specification.cluster
        return RoostError(
            .fileInvalid,
            "stanza '\(name)' belongs to another cluster\nobserved in the repository: \(found)\n"
                + "expected of '\(specification.data)': \(wanted)",
            hints: [
                "to go on under this name and keep the old backups: --mismatch=upgrade, or pgbackrest_mismatch: upgrade",
                "if nobody needs them: roost remove --cluster=\(name), then enable again",
                "else give the new cluster another name",
            ])
    }
}
