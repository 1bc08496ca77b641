internal import RoostAdmin
internal import RoostSystem

extension AdminCommand {
    /// `roost install`.
    static let install = AdminCommand(
        installSheet,
        .steps { arguments, report in
            var settings = installSettings(arguments)
            settings.replacesPgbackrest = arguments.has("pgbackrest")
            settings.items = installedItems(settings)
            report = Installer(settings).install()
        })

    /// `roost uninstall`.
    static let uninstall = AdminCommand(
        removalSheet, .steps { arguments, report in report = Installer(installSettings(arguments)).uninstall() })

    private static let placeOptions = [
        ToolOption("prefix", value: "DIR", "where bin and share are; defaults to /usr/local"),
        ToolOption("root", value: "DIR", "the directory that stands for /, to fill the root of an image or a package"),
        .dryRun, .output, .help,
    ]

    private static let installSheet = CommandSheet(
        name: "install", summary: "put roost, its other names, completion and manual in their places",
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
        ] + placeOptions,
        sections: [
            .init(
                title: "EXIT STATUS",
                text: "0 done; 3 usage; 4 something is in the way; others as pgBackRest's")
        ])

    private static let removalSheet = CommandSheet(
        name: "uninstall", summary: "take away what roost install has put in its places",
        description: """
            Removes exactly what PREFIX/share/roost/installed tells of, as far as nobody has changed it since, and brings back \
            the /usr/bin/pgbackrest of a package. Configuration, repositories and logs stay.
            """,
        options: placeOptions,
        sections: [.init(title: "EXIT STATUS", text: "0 done; 3 usage; others as pgBackRest's")])

    private static func installSettings(_ arguments: ToolArguments) -> InstallSettings {
        // Everybody is to run the program and read its manual.
        CurrentProcess.setUmask(0o022)
        var settings = InstallSettings(prefix: arguments["prefix"] ?? "/usr/local")
        settings.root = arguments["root"] ?? ""
        settings.isDryRun = arguments.isDryRun
        return settings
    }

    private static func installedItems(_ settings: InstallSettings) -> [InstalledItem] {
        let names = LinkedTool.all.map(\.name)
        let completions = "\(settings.prefix)/share/bash-completion/completions"
        let script = CompletionScript().text
        var items = names.map { InstalledItem("commands", "\(settings.prefix)/bin/\($0)", .link("roost")) }
        items.append(InstalledItem("completion", "\(completions)/roost", .file(Array(script.utf8), mode: 0o644)))
        for name in names + (settings.replacesPgbackrest ? ["pgbackrest"] : []) {
            items.append(InstalledItem("completion", "\(completions)/\(name)", .link("roost")))
        }
        for page in ManualPages().all {
            let path = "\(settings.prefix)/share/man/man1/\(page.name).1"
            items.append(InstalledItem("manual", path, .file(Array(page.text.utf8), mode: 0o644)))
        }
        return items
    }
}
