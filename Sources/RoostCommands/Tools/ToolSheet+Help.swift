extension ToolSheet {
    private static let width = 100

    /// That of a command with the common command line.
    init(_ command: AdminCommand) {
        name = "roost \(command.name)"
        summary = String(command.summary.prefix(1).lowercased() + command.summary.dropFirst().prefix { $0 != "." })
        synopsis = ["[OPTION...]" + (command.operands.isEmpty ? "" : " \(command.operands)")]
        description = command.details.isEmpty ? command.summary : "\(command.summary)\n\n\(command.details)"
        options = (command.options + AdminOption.common).map { Option($0.name, value: $0.value, $0.summary) }
    }

    /// What `--help` prints.
    var help: String {
        var text = "NAME\n  \(name) -- \(summary)\n\nSYNOPSIS\n"
        text += synopsis.map { "  \(name) \($0)\n" }.joined()
        text += "\nDESCRIPTION\n" + Self.wrapped(description, indent: 2)
        text += "\nOPTIONS\n"
        for option in options {
            text += "  \(option.label)\n" + Self.wrapped(option.text, indent: 6)
        }
        for section in sections { text += "\n\(section.title)\n" + Self.wrapped(section.text, indent: 2) }
        return text
    }

    /// Fills lines; one that begins with a space stays as it is, an empty one separates paragraphs.
    private static func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        func end() {
            if !line.isEmpty { lines.append(margin + line) }
            line = ""
        }
        for source in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let first = source.first, first != " " else {
                end()
                lines.append(source.isEmpty ? "" : margin + source)
                continue
            }
            for word in source.split(separator: " ") {
                if line.count + word.count + 1 > width - indent { end() }
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        end()
        return lines.joined(separator: "\n") + "\n"
    }
}
