extension CommandSheet {
    private static let width = 100

    /// What `--help` prints.
    var help: String {
        var text = "NAME\n  roost \(name) -- \(summary)\n\nSYNOPSIS\n"
        text += synopsis.map { "  roost \(name) \($0)\n" }.joined()
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
