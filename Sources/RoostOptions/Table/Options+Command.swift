/// What belongs to one command or a few.
extension Options {
    package static let annotation = Option<OptionPairs>(
        "annotation",
        .hash,
        for: .main(.annotate, .backup),
        overrides: [.init(.annotate, required: true)],
        "note to keep with the backup, as key=value"
    )

    package static let archiveExpireBefore = Option<String?>(
        "archive-expire-before",
        .string,
        in: .commandLine,
        for: .main(.expire),
        "remove WAL older than this segment"
    )

    package static let delta = Option<Bool>(
        "delta",
        .boolean,
        default: "n",
        for: .main(.backup, .restore),
        "tell changed files by their checksums"
    )

    package static let detailLevel = Option<String>(
        "detail-level",
        .choice(["full", "progress"]),
        in: .commandLine,
        default: "full",
        for: .main(.info),
        "how much to report"
    )

    package static let dryRun = Option<Bool>(
        "dry-run",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.expire),
        roostAlsoFor: .main(.restore),
        "say what would be done, do nothing"
    )

    package static let filter = Option<String?>(
        "filter",
        .string,
        in: .commandLine,
        for: .main(.manifest, .repoLs),
        "regular expression that names must match"
    )

    package static let force = Option<Bool>(
        "force",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.backup, .restore, .stanzaCreate, .stanzaDelete) + .all(.stop),
        overrides: [.init(.backup, depends: .on(online, "n")), .init(.stanzaCreate, hidden: true)],
        "go on in spite of what would stop the command"
    )

    package static let help = Option<Bool>(
        "help",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .all(.help),
        "show help"
    )

    package static let ignoreMissing = Option<Bool>(
        "ignore-missing",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.repoGet),
        "accept that the file does not exist"
    )

    package static let oldest = Option<Bool>(
        "oldest",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.expire),
        overrides: [.init(.expire, depends: .on(stanza))],
        "expire the oldest full backup and what depends on it"
    )

    package static let output = Option<String>(
        "output",
        .choice(["text", "json"]),
        in: .commandLine,
        default: "text",
        for: .main(.info, .manifest, .repoLs, .verify) + .all(.version),
        overrides: [
            .init(.verify, default: "none", words: ["none", "text", "json"]),
            .init(.version, default: "text", words: ["text", "num"]),
        ],
        "form of the output"
    )

    package static let raw = Option<Bool>(
        "raw",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.repoGet),
        "print the bytes as stored, not decrypted"
    )

    package static let recurse = Option<Bool>(
        "recurse",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.repoLs, .repoRm),
        "include all directories below"
    )

    package static let reference = Option<String?>(
        "reference",
        .string,
        in: .commandLine,
        for: .main(.manifest),
        "show only files that this backup stores"
    )

    package static let report = Option<Bool>(
        "report",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.check),
        flags: .hidden,
        "print what a report of a problem should contain"
    )

    package static let set = Option<String?>(
        "set",
        .string,
        in: .commandLine,
        for: .main(.annotate, .expire, .info, .manifest, .restore, .verify),
        overrides: [
            .init(.annotate, required: true), .init(.info, depends: .on(stanza)),
            .init(.manifest, default: "latest", required: true), .init(.restore, default: "latest", required: true),
        ],
        "backup to work with"
    )

    package static let sort = Option<String>(
        "sort",
        .choice(["none", "asc", "desc"]),
        in: .commandLine,
        default: "asc",
        for: .main(.repoLs),
        "order of the names"
    )

    package static let type = Option<String?>(
        "type",
        .choice([]),
        in: .commandLine,
        for: .main(.backup, .info, .restore),
        overrides: [
            .init(.backup, default: "incr", words: ["full", "diff", "incr"]),
            .init(.info, required: false, words: ["full", "diff", "incr"]),
            .init(
                .restore,
                default: "default",
                words: ["default", "preserve", "immediate", "standby", "none", "name", "time", "lsn", "xid"]
            ),
        ],
        flags: .required,
        "kind of backup, or end of recovery"
    )

    package static let verbose = Option<Bool>(
        "verbose",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .main(.verify),
        "report on everything, not on damage only"
    )

    package static let version = Option<Bool>(
        "version",
        .boolean,
        in: .commandLine,
        default: "n",
        for: .all(.help),
        "show the version"
    )
}
