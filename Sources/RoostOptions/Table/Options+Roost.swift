/// What pgBackRest does not have: in files it lives in the sections `[global:roost]` and `[STANZA:roost]`, which
/// pgBackRest ignores.
extension Options {
    package static let configurationFor = Option<String>(
        "for",
        .choice(Command.allCases.filter { ![.help, .version, .config].contains($0) }.map(\.name)),
        in: .commandLine,
        default: "backup",
        for: .main(.config),
        flags: .roostOnly,
        "command whose settings are shown"
    )

    package static let fsyncMethod = Option<String>(
        "fsync-method",
        .choice(["auto", "syncfs", "fsync"]),
        default: "auto",
        for: .main(.backup, .restore),
        flags: .roostOnly,
        "how written files are made durable"
    )
}
