internal import RoostAdmin
internal import RoostSystem

/// `roost install` and `roost uninstall`.
struct InstallTool {
    private static let common = [
        ToolSheet.Option("prefix", value: "DIR", "where bin and share are; defaults to /usr/local"),
        ToolSheet.Option(
            "root", value: "DIR", "the directory that stands for /, to fill the root of an image or a package"),
        ToolSheet.dryRun, ToolSheet.output, ToolSheet.help,
    ]

    static let sheet = ToolSheet(
        name: "roost install", summary: "put roost, its other names, completion and manual in their places",
        synopsis: ["[OPTION]..."],
        description: """
            Copies the program that runs to PREFIX/bin/roost and makes links to it for its other names, bash completion and \
            manual pages. What is there already stays as it is; a file that is there and was not put there by this command is \
            never replaced. What was put where is written down in PREFIX/share/roost/installed. A new release is installed by \
            running it with the same options.
            """,
        options: [
            .init(
                "pgbackrest",
                "make /usr/bin/pgbackrest a link to roost as well: that of a package is kept aside as "
                    + "/usr/bin/pgbackrest.distrib by dpkg-divert, where its upgrades go too")
        ] + common,
        sections: [
            .init(
                title: "EXIT STATUS",
                text: "0 done; 3 usage; 4 something is in the way; others as pgBackRest's")
        ])

    static let removalSheet = ToolSheet(
        name: "roost uninstall", summary: "take away what roost install has put in its places",
        synopsis: ["[OPTION]..."],
        description: """
            Removes exactly what PREFIX/share/roost/installed tells of, as far as nobody has changed it since, and brings back \
            the /usr/bin/pgbackrest of a package. Configuration, repositories and logs stay.
            """,
        options: common,
        sections: [.init(title: "EXIT STATUS", text: "0 done; 3 usage; others as pgBackRest's")])

    private let program: String

    init(program: String) { self.program = program }

    func install(_ arguments: [String]) -> Int32 {
        run(arguments, Self.sheet) { parsed in
            var settings = Self.settings(parsed)
            settings.replacesPgbackrest = parsed.has("pgbackrest")
            settings.items = items(settings)
            return Installer(settings).install()
        }
    }

    func uninstall(_ arguments: [String]) -> Int32 {
        run(arguments, Self.removalSheet) { parsed in Installer(Self.settings(parsed)).uninstall() }
    }

    private func run(_ arguments: [String], _ sheet: ToolSheet, _ body: (ToolArguments) -> AdminReport) -> Int32 {
        do {
            let parsed = try ToolArguments(arguments, sheet)
            guard !parsed.has("help") else {
                StandardOutput.write(sheet.help)
                return 0
            }
            guard parsed.words.isEmpty, parsed.passedOn == nil else {
                throw AdminRefusal(.usage, "unexpected argument: options only are understood")
            }
            let wantsJSON = try parsed.wantsJSON()
            Interrupt.install()
            // Everybody is to run the program and read its manual.
            CurrentProcess.setUmask(0o022)
            return ToolOutput.write(body(parsed), asJSON: wantsJSON)
        } catch {
            return ToolOutput.write(ToolOutput.refusal(error), asJSON: arguments.contains("--output=json"))
        }
    }

    private static func settings(_ parsed: ToolArguments) -> InstallSettings {
        var settings = InstallSettings(prefix: parsed.value("prefix") ?? "/usr/local")
        settings.root = parsed.value("root") ?? ""
        settings.isDryRun = parsed.has("dry-run")
        return settings
    }

    private func items(_ settings: InstallSettings) -> [InstalledItem] {
        let names = LinkedTool.all.map(\.name)
        let completions = "\(settings.prefix)/share/bash-completion/completions"
        let script = CompletionScript(program: program).text
        var items = names.map { InstalledItem("commands", "\(settings.prefix)/bin/\($0)", .link("roost")) }
        items.append(InstalledItem("completion", "\(completions)/roost", .file(Array(script.utf8), mode: 0o644)))
        for name in names + (settings.replacesPgbackrest ? ["pgbackrest"] : []) {
            items.append(InstalledItem("completion", "\(completions)/\(name)", .link("roost")))
        }
        for page in ManualPages(program: program).all {
            let path = "\(settings.prefix)/share/man/man1/\(page.name).1"
            items.append(InstalledItem("manual", path, .file(Array(page.text.utf8), mode: 0o644)))
        }
        return items
    }
}
