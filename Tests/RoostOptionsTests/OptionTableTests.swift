import RoostSystem
import Testing

@testable import RoostOptions

/// The declarations against the facts of pgBackRest 2.60, row by row.
@Suite struct OptionTableTests {
    @Test(arguments: OptionFacts.options.split(separator: "\n").map(String.init))
    func `an option is declared with the facts of pgBackRest`(row: String) throws {
        let name = try #require(row.split(separator: " ").first.map(String.init))
        let declaration = try #require(Options.all.first { $0.name == name })
        var columns = row.split(separator: " ; ", omittingEmptySubsequences: false).map(String.init)
        columns[8] = OptionFacts.commandSets[columns[8]] ?? columns[8]
        let expected = columns.joined(separator: " ; ")
        #expect(FactRow.text(of: declaration).sortedLists == expected.sortedLists)
    }

    @Test func `every option of pgBackRest is declared and no other`() {
        let facts = OptionFacts.options.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
        let ours = Options.all.filter { !$0.isRoostOnly }.map(\.name)
        #expect(ours == facts)
        #expect(ours.count == 199)
        #expect(Options.all.filter(\.isRoostOnly).map(\.name) == ["for", "fsync-method"])
    }

    @Test func `the list of all options is in byte order, so that names can be searched in it`() {
        let names = Options.all.map(\.name)
        #expect(names == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        for (position, name) in names.enumerated() { #expect(Options.position(of: name) == position) }
    }

    @Test func `every declared key is in the list of all options`() throws {
        let directory =
            "\(#filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" })/Sources/RoostOptions/Table"
        var declared = 0
        for name in try FileSystem.list(directory) where name.hasPrefix("Options+") {
            let source = String(decoding: try FileSystem.read("\(directory)/\(name)"), as: UTF8.self)
            declared += source.split(separator: "\n").count {
                $0.contains("package static let") && $0.contains("= Option<")
            }
        }
        #expect(declared == Options.all.count)
    }

    @Test func `the type of every key fits its kind and tells whether it may be unset`() {
        for option in Options.all {
            let form: OptionForm =
                switch option.kind {
                case .boolean: .boolean
                case .integer: .integer
                case .size, .sizeChoice: .size
                case .time: .time
                case .list: .list
                case .hash: .hash
                case .string, .path, .choice, .booleanOrChoice: option.isSecret ? .secret : .text
                }
            #expect(option.promise.form == form, "\(option.name)")
            guard !option.kind.isMultiple else { continue }
            var mayBeUnset = false
            for command in Command.allCases where option.commands.contains(command, .main) {
                if case .none = option.defaultValue(for: command) { mayBeUnset = true }
                if let dependency = option.dependency(for: command), dependency.otherwise == nil { mayBeUnset = true }
            }
            if !Command.allCases.contains(where: { option.commands.contains($0, .main) }) { mayBeUnset = true }
            // A flag that is off by default reads as off where it is unset.
            if option.kind.isBoolean, case .fixed("n") = option.defaultValue { mayBeUnset = false }
            #expect(option.promise.mayBeUnset == mayBeUnset, "\(option.name)")
        }
    }

    @Test func `defaults, alternatives and limits can be converted`() {
        for option in Options.all {
            for command in Command.allCases {
                if case .fixed(let text) = option.defaultValue(for: command) {
                    #expect(OptionText.data(of: text, option.kind) != nil, "\(option.name)")
                    if let words = option.words(for: command), option.commands.contains(command, .main) {
                        #expect(words.contains(text), "\(option.name) of \(command)")
                    }
                }
                if let text = option.dependency(for: command)?.otherwise {
                    #expect(OptionText.data(of: text, option.kind) != nil, "\(option.name)")
                }
            }
            if case .from(let low, let high) = option.kind.range {
                #expect(
                    OptionText.number(low, option.kind) ?? 1 <= OptionText.number(high, option.kind) ?? 0,
                    "\(option.name)"
                )
            }
        }
    }

    @Test func `every option and command has a summary of one line without full stop`() {
        let summaries = Options.all.map(\.summary) + Command.allCases.map(\.declaration.summary)
        for summary in summaries {
            #expect(!summary.isEmpty && !summary.hasSuffix(".") && !summary.contains("\n") && summary.utf8.count < 80)
        }
        #expect(Set(Options.all.map(\.summary)).count == Options.all.count)
    }

    @Test func `commands are declared with the facts of pgBackRest`() {
        let rows = Command.allCases.filter { $0 != .config }.map { command in
            let row = command.declaration
            return [
                row.name, row.isHidden ? "y" : "n",
                row.roles.map { $0 == .main ? "main" : $0.name }.joined(separator: ","),
                "\(row.lock)", row.locksAtStart ? "y" : "n", row.locksOnRemote ? "y" : "n",
                row.writesLogFile ? "y" : "n",
                "\(row.beginLevel)", row.parameters == nil ? "n" : "y",
            ].joined(separator: " ; ")
        }
        #expect(rows == OptionFacts.commands.split(separator: "\n").map(String.init))
    }

    @Test func `a command finds its own row`() {
        for command in Command.allCases {
            #expect(command.declaration.command == command)
            #expect(Command(named: command.name) == command)
        }
    }
}

/// A declaration in the notation of ``OptionFacts``.
enum FactRow {
    static func text(of option: OptionDeclaration) -> String {
        let flags = zip(
            "SINEQ",
            [
                option.isSecret, option.flags.contains(.hidden), option.isNegatable, option.isResettable,
                option.flags.contains(.required),
            ]
        ).filter(\.1).map { String($0.0) }.joined()
        let type: String
        switch option.kind {
        case .booleanOrChoice: type = "string-id+bool"
        case .choice: type = "string-id"
        case .sizeChoice: type = "size"
        default: type = "\(option.kind)".split(separator: "(").first.map(String.init) ?? ""
        }
        let section =
            switch option.section {
            case .commandLine: "command-line"
            case .global: "global"
            case .stanza: "stanza"
            }
        return [
            option.name, option.group?.name ?? "-", type, section, flags.isEmpty ? "-" : flags, defaultText(option),
            allowed(option), option.dependency.map(text) ?? "-", commands(option.commands), overrides(option),
            formerNames(option),
        ].joined(separator: " ; ")
    }

    private static func defaultText(_ option: OptionDeclaration) -> String {
        switch option.defaultValue {
        case .none: "-"
        case .fixed(let text): text
        case .program: "<argv0>"
        case .matching(let values):
            "\(option.dependency?.option.name ?? ""):\(values.map { "\($0.value)=\($0.is)" }.joined(separator: ","))"
        }
    }

    private static func allowed(_ option: OptionDeclaration) -> String {
        if let words = option.kind.words { return words.isEmpty ? "-" : words.joined(separator: "|") }
        return switch option.kind.range {
        case nil, .any: "-"
        case .from(let low, let high): "\(low)..\(high)"
        case .matching(let ranges):
            "\(option.dependency?.option.name ?? ""):"
                + ranges.map { "\($0.value)=\($0.from)..\($0.to)" }.joined(separator: ",")
        }
    }

    private static func text(of dependency: OptionDependency) -> String {
        var text = dependency.option.name
        if !dependency.values.isEmpty { text += "=\(dependency.values.joined(separator: "|"))" }
        if let otherwise = dependency.otherwise { text += " else \(otherwise)" }
        return text
    }

    private static func commands(_ set: CommandSet) -> String {
        let all = Command.allCases.filter { ![.help, .version, .config].contains($0) }
        if all.allSatisfy({ command in command.declaration.roles.allSatisfy { set.contains(command, $0) } }) {
            return "*"
        }
        return Command.allCases.compactMap { command -> String? in
            let roles = command.declaration.roles.filter { set.contains(command, $0) }
            if roles.isEmpty { return nil }
            if roles == command.declaration.roles { return command.name }
            return "\(command.name)[\(roles.map { $0 == .main ? "main" : $0.name }.joined(separator: "+"))]"
        }.joined(separator: ",")
    }

    private static func overrides(_ option: OptionDeclaration) -> String {
        guard !option.overrides.isEmpty else { return "-" }
        return option.overrides.map { override in
            var parts: [String] = []
            if let text = override.defaultValue { parts.append("default=\(text)") }
            if let words = override.words { parts.append("allowed=\(words.joined(separator: "|"))") }
            if let isRequired = override.isRequired { parts.append("required=\(isRequired ? "y" : "n")") }
            if let dependency = override.dependency { parts.append("depends=\(text(of: dependency))") }
            if override.isHidden { parts.append("internal=y") }
            return "\(override.command.name){\(parts.joined(separator: "; "))}"
        }.joined(separator: " ")
    }

    private static func formerNames(_ option: OptionDeclaration) -> String {
        guard !option.formerNames.isEmpty else { return "-" }
        return option.formerNames.flatMap { former -> [String] in
            let indexed = former.name.replacingFirstDash(with: "N-")
            return (former.standsAlone ? [former.name] : []) + (former.takesIndex ? [indexed] : [])
        }.joined(separator: ",")
    }
}

extension String {
    /// The columns, with the elements of each list sorted, since their order means nothing.
    fileprivate var sortedLists: [[String]] {
        split(separator: " ; ", omittingEmptySubsequences: false).map { column in
            column.split(separator: ",").map(String.init).sorted()
        }
    }
}
