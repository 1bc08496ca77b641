internal import RoostEngine
internal import RoostOptions

/// The manual, from the texts and tables that help is made of.
struct ManualPages {
    private static let source = "Roost \(Release.roost)"

    private let help = Help(title: "", program: "roost", dialect: .roost)

    var all: [ManualPage] {
        var pages = [overview]
        for command in Command.visible(in: .roost) { pages.append(page(of: command)) }
        for command in AdminCommand.all { pages.append(page(of: command.sheet)) }
        for tool in LinkedTool.all { pages.append(page(of: tool)) }
        return pages
    }

    private var overview: ManualPage {
        var page = ManualPage(
            "roost", summary: "back up PostgreSQL, prove that backups restore, and recover", source: Self.source)
        page.section("SYNOPSIS")
        page.lines(["roost [OPTIONS] COMMAND [PARAMETERS]", "roost help COMMAND [OPTION]"])
        page.section("DESCRIPTION")
        page.paragraphs(
            """
            Reads and writes repositories in pgBackRest's format, by pgBackRest's configuration, environment and options, with \
            the same defaults. A command that needs a stanza takes the only one of the configuration where none is named. Without \
            a command it tells the state of each stanza and what to do next. Each command has a page of its own, roost-COMMAND(1).
            """)
        page.section("COMMANDS")
        for command in Command.visible(in: .roost) { page.item(command.name, command.declaration.summary) }
        for command in AdminCommand.all { page.item(command.sheet.name, command.sheet.summary) }
        page.section("OTHER NAMES")
        for tool in LinkedTool.all { page.item(tool.name, tool.summary) }
        page.item("pgbackrest", "pgBackRest's commands, output and exit statuses only")
        page.section("FILES")
        page.item("/etc/pgbackrest/pgbackrest.conf", "the configuration")
        return page
    }

    private func page(of command: Command) -> ManualPage {
        let declaration = command.declaration
        var page = ManualPage("roost-\(command.name)", summary: declaration.summary, source: Self.source)
        page.section("SYNOPSIS")
        page.lines(["roost [OPTIONS] \(command.name)" + (declaration.parameters.map { " \($0)" } ?? "")])
        page.section("OPTIONS")
        for entry in help.entries(of: command) {
            let facts = entry.facts.map { "\($0.label): \($0.fact)" }.joined(separator: "; ")
            page.item("--\(entry.name)", "\(entry.line). \(facts).")
        }
        return page
    }

    private func page(of sheet: CommandSheet) -> ManualPage {
        var page = ManualPage("roost-\(sheet.name)", summary: sheet.summary, source: Self.source)
        page.section("SYNOPSIS")
        page.lines(sheet.synopsis.map { "roost \(sheet.name) \($0)" })
        page.section("DESCRIPTION")
        page.paragraphs(sheet.description)
        page.section("OPTIONS")
        for option in sheet.options { page.item(option.label, option.text) }
        for section in sheet.sections {
            page.section(section.title)
            page.paragraphs(section.text)
        }
        return page
    }

    private func page(of tool: LinkedTool) -> ManualPage {
        var page = ManualPage(tool.name, summary: tool.summary, source: Self.source)
        page.section("USAGE")
        page.literal(tool.help ?? "")
        return page
    }
}
