internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

extension RestorePlan {
    /// The plan for a person to read, one fact a line; times are those of this machine's zone.
    ///
    /// - Parameter windows: What recovery could reach at all.
    func text(_ transfer: Transfer, windows: [RecoveryWindow]) -> String {
        var lines = ["restore into \(places.dataDirectory)"]
        let entry = choice.entry
        lines += fact("backup set", ["\(entry.label) of \(repository): \(choice.reason)"])
        lines += fact("made", ["from \(zoned(manifest.timestampStart)) to \(zoned(manifest.timestampStop))"])
        lines += fact("recovery", [recoveryText])
        lines += fact("WAL", walLines)
        lines += fact("can reach", windows.flatMap(\.lines))
        lines += fact("fetch", fetchLines(transfer))
        lines += fact("directories", directoryLines)
        lines += fact("delete", deleteLines)
        lines += fact("settings", settingLines)
        return lines.map { $0 + "\n" }.joined()
    }

    /// A title in a column of its own, beside the lines that belong to it.
    private func fact(_ title: String, _ lines: [String]) -> [String] {
        lines.enumerated().map { place, line in
            let label = place == 0 ? title : ""
            return "  " + label + String(repeating: " ", count: 13 - label.utf8.count) + line
        }
    }

    private var recoveryText: String {
        if type == .none { return "none: the files as the backup has them" }
        if type == .preserve { return "as the settings say that are there" }
        let timeline = history.map { " along timeline \($0.timeline.value)" } ?? ""
        let values = Dictionary(recovery.values.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        let action = values["recovery_target_action"] ?? "pause"
        switch type {
        case .default: return "to the end of the WAL in the archive\(timeline)"
        case .standby: return "as a standby, without end\(timeline)"
        case .immediate: return "until consistent\(timeline), then \(action)"
        default:
            let target = values["recovery_target_\(type.rawValue)"] ?? ""
            let inclusive = values["recovery_target_inclusive"] == "false" ? "just before" : "to"
            return "\(inclusive) \(type.rawValue) '\(target)'\(timeline), then \(action)"
        }
    }

    private var walLines: [String] {
        guard let start = manifest.archiveStart, let stop = manifest.archiveStop, type != .none else { return [] }
        var lines = ["\(start) to \(stop) until consistent at LSN \(manifest.lsnStop.map { "\($0)" } ?? "unknown")"]
        guard let wal else { return lines + ["what the archive holds is not known"] }
        guard let last = wal.last else { return lines + ["none of it is in the archive"] }
        let archived = wal.archived.map { ", archived at \(zoned($0))" } ?? ""
        lines.append("in the archive without a gap to \(last) (before LSN \(wal.end))\(archived)")
        if let missing = wal.missing {
            lines.append("\(missing) is missing: \(wal.behindGap) later segment(s) cannot be replayed")
        }
        return lines
    }

    private func fetchLines(_ transfer: Transfer) -> [String] {
        var lines = [
            "\(ByteCount(transfer.bytes)) in \(transfer.files) files (\(ByteCount(transfer.stored)) as stored)"
        ]
        if transfer.compared > 0 {
            lines.append(
                "of these \(ByteCount(transfer.comparedBytes)) in \(transfer.compared) files only where the checksum of what is "
                    + "there is wrong")
        }
        if transfer.kept > 0 {
            lines.append(
                "\(ByteCount(transfer.keptBytes)) in \(transfer.kept) files stay: size and time are the backup's")
        }
        if transfer.zeroed > 0 {
            lines.append(
                "\(ByteCount(transfer.zeroedBytes)) in \(transfer.zeroed) files of databases that are left out become holes"
            )
        }
        if isContinued { lines.append("a restore that did not end is continued") }
        return lines
    }

    private var directoryLines: [String] {
        places.targets.dropFirst().map { target in
            let link = target.link.map { $0.dropFirst(Manifest.dataDirectory.utf8.count + 1) } ?? ""
            return "\(link) -> \(target.linkDestination)"
        }
    }

    private var deleteLines: [String] {
        guard existing != .refuse else { return ["nothing: the directories are empty"] }
        guard !removals.isEmpty else { return ["nothing"] }
        return removals.map { "\($0.path)\($0.kind == .path ? "/ with all that is in it" : "")" }
    }

    private var settingLines: [String] {
        guard type != .preserve else { return [] }
        let isOld = version.recoveryStyle == .recoveryFile
        guard type != .none else {
            return isOld ? [] : ["postgresql.auto.conf: targets of a former recovery become comments"]
        }
        let file = isOld ? "recovery.conf" : "postgresql.auto.conf"
        let signal = isOld ? [] : [type == .standby ? "standby.signal" : "recovery.signal"]
        return recovery.values.map { "\(file): \($0.key) = '\($0.value)'" } + signal
    }
}
