internal import RoostEngine
internal import RoostPostgres
package import RoostSystem

/// Looks at everything that a member of a cluster needs for its backups, changes nothing, and says what is wrong and what mends it.
///
/// Each part is looked at by itself: one that cannot be looked at is a finding, and the others go on.
package struct Doctor {
    let settings: DoctorSettings
    let clock: any WallClock

    package init(_ settings: DoctorSettings, clock: any WallClock = SystemClock()) {
        self.settings = settings
        self.clock = clock
    }

    var stanza: String { settings.specification.cluster }
    var data: String { settings.specification.data }
    var now: Int64 { clock.now().seconds }

    /// - Throws: ``AdminRefusal/Reason/user`` for anybody but the owner of the data directory, who alone can look everywhere;
    ///   ``ErrorCode/term``.
    package func examine() throws -> [Finding] {
        let control = try ServerControl(settings.specification)
        try control.requireOwner()
        var findings = try look("configuration", examineConfiguration)
        let server = try find("server") { try examineServer(control) }
        let session = server.found
        defer { session?.close() }
        findings += server.findings
        if let session {
            findings += try look("archiving") { try examineArchiving(session) }
            findings += try look("archive") { try examineArchive(session) }
        }
        if let repository = settings.repository {
            let stanza = try find("stanza") { try examineStanza(repository) }
            findings += stanza.findings
            if let info = stanza.found {
                findings += try look("backup") { examineBackups(info, session) }
                findings += try look("gaps") { try examineGaps(info) }
            }
        }
        // Without a configuration nobody knows where they are.
        if settings.configurationError == nil {
            findings += try look("stop", examineStopFile)
            findings += try look("locks", examineLocks)
            findings += try look("spool", examineSpool)
        }
        findings += try look("schedule") { try examineSchedule(session) }
        findings += try look("exporter", examineExporter)
        return findings
    }

    private func look(_ part: String, _ body: () throws -> [Finding]) throws -> [Finding] {
        try find(part) { Looked<Never>(findings: try body(), found: nil) }.findings
    }

    private func find<Found>(_ part: String, _ body: () throws -> Looked<Found>) throws -> Looked<Found> {
        do {
            return try body()
        } catch {
            let error = RoostError.wrapping(error)
            if error.isFatal { throw error }
            let finding = Finding(
                level: .problem, part: part, message: "unable to look: \(error.message)", remedy: error.hints.first)
            return Looked(findings: [finding], found: nil)
        }
    }

    /// What looking at a part has brought to light, and what later parts can use of it.
    struct Looked<Found> {
        var findings: [Finding]
        var found: Found?
    }

    /// `25 hours`: of a unit two at least.
    static func duration(_ seconds: Int64) -> String {
        let units: [(name: String, length: Int64)] = [("day", 86_400), ("hour", 3600), ("minute", 60)]
        let unit = units.first { seconds >= 2 * $0.length } ?? ("second", 1)
        let count = max(seconds, 0) / unit.length
        return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
    }
}
