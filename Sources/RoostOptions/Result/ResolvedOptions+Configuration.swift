extension ResolvedOptions {
    /// Every option of the command with its effective value and where that comes from, as an aligned table.
    ///
    /// Secrets are redacted. Hidden options appear only if somebody set them.
    package func renderConfiguration() -> String {
        var rows: [[String]] = [["OPTION", "VALUE", "SOURCE"]]
        for (declaration, index, value) in all
        where !declaration.isHidden(for: command) || value.source != .defaultValue {
            rows.append([
                declaration.name(at: index),
                Self.shown(value, declaration, isRequired: declaration.isRequired(for: command)),
                value.isReset ? "command line (reset)" : value.source.description,
            ])
        }
        let widths = (0..<2).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = (0..<2).map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
            return "\(cells.joined(separator: "  "))  \(row[2])\n"
        }.joined()
    }

    private static func shown(_ value: ResolvedValue, _ declaration: OptionDeclaration, isRequired: Bool) -> String {
        guard let data = value.data else { return isRequired && value.source == .defaultValue ? "(missing)" : "-" }
        if declaration.isSecret { return "<redacted>" }
        if case .hash(let pairs) = data { return pairs.map { "\($0.key)=\($0.value)" }.joined(separator: ", ") }
        return value.text ?? "-"
    }
}
