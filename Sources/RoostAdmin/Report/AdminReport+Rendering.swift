internal import RoostFormat

extension AdminReport {
    /// One object on one line, with a line end, for programs.
    ///
    /// In a dry run `changed` tells what a real one would, as check mode wants it. Members may be added in later releases, never
    /// taken away. Control characters, which other programs may put into their messages and which JSON must not hold as they
    /// are, become U+FFFD.
    package var json: String {
        let steps = steps.map { step in
            JSONValue.object([
                "name": .string(step.name), "status": .string(step.status.rawValue),
                "message": .string(step.message),
            ])
        }
        var facts = facts
        if isDryRun { facts["dry-run"] = .bool(true) }
        let whole = JSONValue.object([
            "changed": .bool(hasChanged), "failed": .bool(hasFailed), "code": .integer(Int64(code)),
            "steps": .array(steps), "facts": .object(facts),
        ])
        return whole.withoutControlCharacters.text + "\n"
    }

    /// A line for each step, for people; or what they asked for, where it could be told.
    ///
    /// Further lines of a message stand below its first.
    package var text: String {
        if let data, !hasFailed { return data }
        let width = steps.map(\.name.count).max() ?? 0
        var text = isDryRun ? "dry run: nothing is changed\n" : ""
        for step in steps {
            let status = isDryRun && step.status == .changed ? "would" : step.status.rawValue
            let head = "\(padded(status, 7))  \(padded(step.name, width))  "
            let lines = step.message.split(separator: "\n", omittingEmptySubsequences: false)
            text += head + lines.joined(separator: "\n" + String(repeating: " ", count: head.count)) + "\n"
        }
        return text
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension JSONValue {
    fileprivate var withoutControlCharacters: JSONValue {
        switch self {
        case .string(let text): .string(Self.clean(text))
        case .array(let elements): .array(elements.map(\.withoutControlCharacters))
        case .object(let members):
            .object(
                Dictionary(
                    members.map { (Self.clean($0), $1.withoutControlCharacters) },
                    uniquingKeysWith: { first, _ in first }))
        default: self
        }
    }

    private static func clean(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isForbidden = scalar.value < 0x20 && !["\n", "\r", "\t", "\u{8}", "\u{C}"].contains(scalar)
            scalars.append(isForbidden ? "\u{FFFD}" : scalar)
        }
        return String(scalars)
    }
}
