/// One line of a crontab without user field, as `pg_crontab` has them: when, and what.
package enum CronLine {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    private static let moments: Set = [
        "@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
    ]

    /// - Parameter account: The user of the crontab: a line that names it has a field too many.
    /// - Throws: ``AdminRefusal/Reason/configuration`` for a line that cron would refuse, or run as something else than what it says.
    package static func check(_ line: String, account: String) throws(AdminRefusal) {
        guard !line.contains(where: \.isNewline) else { throw refusal(line, "has more than one line") }
        let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let first = words.first else { throw refusal(line, "is empty") }
        // Comments and variables are cron's too.
        if first.hasPrefix("#") || isAssignment(line) { return }
        let count = first.hasPrefix("@") ? 1 : 5
        guard words.count > count else {
            throw refusal(line, "has no command", hint: "it looks like '00 01 * * * /pg/bin/pg-backup full'")
        }
        if count == 1 {
            guard moments.contains(first) else { throw refusal(line, "begins with an unknown '\(first)'") }
        } else {
            let ranges: [(String, ClosedRange<Int>, [String])] = [
                ("minute", 0...59, []), ("hour", 0...23, []), ("day", 1...31, []), ("month", 1...12, months),
                ("day of the week", 0...7, days),
            ]
            for (word, (field, range, names)) in zip(words, ranges) {
                guard isValid(word, range, names) else {
                    throw refusal(
                        line, "has the \(field) '\(word)', expected \(range.lowerBound) to \(range.upperBound)")
                }
            }
        }
        guard words[count] != account else {
            throw refusal(line, "names the user '\(account)', whom the crontab belongs to", hint: "leave the user out")
        }
        guard !hasBarePercent(line) else {
            throw refusal(line, "has a '%', which cron takes for the end of the line", hint: "write it as \\%")
        }
    }

    private static func refusal(_ line: String, _ problem: String, hint: String? = nil) -> AdminRefusal {
        AdminRefusal(.configuration, "line '\(line)' of the crontab \(problem)", hints: hint.map { [$0] } ?? [])
    }

    private static func isAssignment(_ line: String) -> Bool {
        guard let equals = line.firstIndex(of: "=") else { return false }
        let name = line[..<equals].drop { $0 == " " }.reversed().drop { $0 == " " }
        return name.allSatisfy { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
            && name.last?.isNumber == false
    }

    private static func hasBarePercent(_ line: String) -> Bool {
        var previous: Character = " "
        for character in line {
            if character == "%", previous != "\\" { return true }
            previous = character
        }
        return false
    }

    /// `*`, `*/5`, `1-5`, `1-5/2`, `mon`, and lists of these.
    private static func isValid(_ field: String, _ range: ClosedRange<Int>, _ names: [String]) -> Bool {
        func number(_ text: Substring) -> Int? {
            if let index = names.firstIndex(of: text.lowercased()) { return index + (range.lowerBound == 1 ? 1 : 0) }
            guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let value = Int(text), range.contains(value)
            else { return nil }
            return value
        }
        return field.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { item in
            let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                guard let step = Int(parts[1]), step > 0 else { return false }
            }
            if parts[0] == "*" { return true }
            let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(number)
            guard let low = ends[0] else { return false }
            guard ends.count == 2 else { return parts.count == 1 }
            return ends[1].map { $0 >= low } ?? false
        }
    }
}
