/// One manual page in roff, with the macros of man(7).
struct ManualPage {
    /// Of the page, `roost-dump`.
    let name: String
    private(set) var text: String

    /// - Parameters:
    ///   - summary: Without a full stop.
    ///   - source: The release that it describes.
    init(_ name: String, summary: String, source: String) {
        self.name = name
        text = ".TH \(Self.escaped(name.uppercased())) 1 \"\" \"\(Self.escaped(source))\" \"User Commands\"\n"
        text += ".nh\n.ad l\n.SH NAME\n\(Self.escaped(name)) \\- \(Self.escaped(summary))\n"
    }

    mutating func section(_ title: String) { text += ".SH \(Self.escaped(title))\n" }

    /// Paragraphs; lines that begin with a space are shown as they are.
    mutating func paragraphs(_ source: String) {
        var isLiteral = false
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(" ") != isLiteral, !line.isEmpty {
                isLiteral.toggle()
                text += isLiteral ? ".PP\n.nf\n" : ".fi\n.PP\n"
            }
            text += line.isEmpty ? (isLiteral ? "\n" : ".PP\n") : Self.line(line)
        }
        if isLiteral { text += ".fi\n" }
    }

    /// Everything as it is.
    mutating func literal(_ source: String) {
        text += ".nf\n"
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) { text += Self.line(line) }
        text += ".fi\n"
    }

    /// A term with what it means.
    mutating func item(_ term: String, _ meaning: String) {
        text += ".TP\n.B \(Self.escaped(term))\n\(Self.line(Substring(meaning)))"
    }

    /// Each on its own line.
    mutating func lines(_ lines: [String]) {
        for line in lines { text += "\(Self.line(Substring(line))).br\n" }
    }

    /// A line that begins with a dot or an apostrophe would be taken for a request.
    private static func line(_ line: Substring) -> String {
        let escaped = escaped(line)
        let isRequest = escaped.hasPrefix(".") || escaped.hasPrefix("'")
        return (isRequest ? "\\&" : "") + escaped + "\n"
    }

    private static func escaped(_ source: some StringProtocol) -> String {
        source.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\e"
            case "-": text += "\\-"
            case "'": text += "\\(aq"
            case "`": text += "\\(ga"
            case "^": text += "\\(ha"
            case "~": text += "\\(ti"
            case "\"": text += "\\(dq"
            default: text.append(character)
            }
        }
    }
}
