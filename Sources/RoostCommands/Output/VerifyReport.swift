internal import RoostEngine
internal import RoostFormat

/// What `verify` found, for people as upstream shows it, and for programs.
struct VerifyReport {
    private let stanza: String
    private let result: VerifyResult

    init(stanza: String, _ result: VerifyResult) {
        self.stanza = stanza
        self.result = result
    }

    /// Without a line feed at the end.
    ///
    /// - Parameter isVerbose: Shows also what is in order.
    func text(isVerbose: Bool) -> String {
        var lines = ["stanza: \(stanza)", "status: \(result.isOK ? "ok" : "error")"] + result.obstacles
        if result.isEmpty {
            lines.append("    no archives or backups exist in the repo")
        } else if result.obstacles.isEmpty {
            appendArchives(isVerbose, &lines)
            appendBackups(isVerbose, &lines)
        }
        return lines.joined(separator: "\n")
    }

    private func appendArchives(_ isVerbose: Bool, _ lines: inout [String]) {
        if isVerbose, result.archives.isEmpty { lines.append("  archiveId: none found") }
        for archive in result.archives {
            let counts = archive.counts
            if isVerbose || counts.checked != counts.valid {
                lines.append(
                    "  archiveId: \(archive.id), total WAL checked: \(counts.checked), total valid WAL: \(counts.valid)"
                )
            }
            append(counts, isVerbose, &lines)
        }
    }

    private func appendBackups(_ isVerbose: Bool, _ lines: inout [String]) {
        if isVerbose, result.backups.isEmpty { lines.append("  backup: none found") }
        for backup in result.backups {
            let counts = backup.counts
            if isVerbose || backup.status != .valid && backup.status != .inProgress {
                lines.append(
                    "  backup: \(backup.label), status: \(backup.status.rawValue), total files checked: "
                        + "\(counts.checked), total valid files: \(counts.valid)")
            }
            append(counts, isVerbose, &lines)
        }
    }

    private func append(_ counts: VerifyResult.Counts, _ isVerbose: Bool, _ lines: inout [String]) {
        guard counts.checked > 0 else { return }
        let shown = Self.kinds(counts).filter { isVerbose || $0.count > 0 }.map { "\($0.name): \($0.count)" }
        if !shown.isEmpty { lines.append("    " + shown.joined(separator: ", ")) }
    }

    private static func kinds(_ counts: VerifyResult.Counts) -> [(name: String, count: Int)] {
        [
            ("missing", counts.missing), ("checksum invalid", counts.checksumInvalid),
            ("size invalid", counts.sizeInvalid), ("other", counts.other),
        ]
    }

    /// Everything that was found (`docs/verify.md`).
    var json: JSONValue {
        let status: JSONValue = .object([
            "damaged": .bool(result.isDamaged), "error": .array(result.obstacles.map { .string(Self.trimmed($0)) }),
            "ok": .bool(result.isOK),
        ])
        return .object([
            "archive": .array(result.archives.map(Self.json)), "backup": .array(result.backups.map(Self.json)),
            "stanza": .string(stanza), "status": status,
        ])
    }

    private static func trimmed(_ line: String) -> String { String(line.drop { $0 == " " }) }

    private static func json(_ archive: VerifyResult.Archive) -> JSONValue {
        let ranges: [JSONValue] = archive.ranges.map {
            .object(["start": .string("\($0.first)"), "stop": .string("\($0.last)")])
        }
        return .object([
            "count": json(archive.counts), "duplicate": .array(archive.duplicates.map { .string("\($0)") }),
            "fault": .array(archive.faults.map(json)), "id": .string(archive.id), "known": .bool(archive.isKnown),
            "range": .array(ranges),
        ])
    }

    private static func json(_ backup: VerifyResult.Backup) -> JSONValue {
        .object([
            "count": json(backup.counts), "fault": .array(backup.faults.map(json)),
            "label": .string(backup.label.text), "status": .string(backup.status.rawValue),
            "wal-missing": .bool(backup.lacksWAL),
        ])
    }

    private static func json(_ counts: VerifyResult.Counts) -> JSONValue {
        .object([
            "checked": .unsigned(UInt64(counts.checked)), "checksum-invalid": .unsigned(UInt64(counts.checksumInvalid)),
            "missing": .unsigned(UInt64(counts.missing)), "other": .unsigned(UInt64(counts.other)),
            "size-invalid": .unsigned(UInt64(counts.sizeInvalid)), "valid": .unsigned(UInt64(counts.valid)),
        ])
    }

    private static func json(_ fault: VerifyResult.Fault) -> JSONValue {
        var members: [String: JSONValue] = ["file": .string(fault.file), "kind": .string(fault.kind.words)]
        if case .other(let code, let message) = fault.kind {
            members["code"] = .integer(Int64(code))
            members["message"] = .string(message)
        }
        return .object(members)
    }
}
