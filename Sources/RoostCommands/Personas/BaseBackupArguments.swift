internal import RoostAdmin
internal import RoostPostgres
internal import RoostSystem

/// The command line of `pg-basebackup`: `-o value`, `--opt value`, `--opt=value`, and letters without a value together (`-eu`).
struct BaseBackupArguments {
    static let options = [
        ToolOption("src", "url", letters: "s", value: "URL"), ToolOption("dst", "dir", letters: "d", value: "DIR"),
        ToolOption("file", letters: "f", value: "NAME"), ToolOption("remove", letters: "r", value: "MINUTES"),
        ToolOption("tag", letters: "t", value: "TAG"), ToolOption("key", letters: "k", value: "KEY"),
        ToolOption("cipher", value: "CIPHER"), ToolOption("upload", letters: "u"),
        ToolOption("encrypt", "encryption", letters: "e"), .dryRun, .output, .help,
    ]

    private let words: ToolArguments
    private(set) var settings: BaseBackupSettings

    var wantsHelp: Bool { words.wantsHelp }
    var wantsJSON: Bool { words.wantsJSON }

    /// - Parameter key: The key that the environment gives.
    init(_ arguments: [String], key: String?) throws(BaseBackupFailure) {
        settings = BaseBackupSettings(source: Self.defaultSource)
        do {
            words = try ToolArguments(arguments, Self.options, of: "pg-basebackup")
        } catch {
            throw .usage(error.message)
        }
        guard !wantsHelp else { return }
        // Never the words themselves: one may be a password that lost its option.
        guard words.operands.isEmpty, words.passedOn == nil else {
            throw .usage("unexpected argument: options only are understood")
        }
        try apply(key: key)
    }

    private static var defaultSource: ConnectionString {
        // Written here, so it can be parsed.
        guard let source = try? ConnectionString("postgres:///") else {
            preconditionFailure("the default URL is valid")
        }
        return source
    }

    private mutating func apply(key environmentKey: String?) throws(BaseBackupFailure) {
        if let text = words["src"], !text.isEmpty {
            do {
                settings.source = try ConnectionString(text)
            } catch {
                throw .usage(error.description)
            }
        }
        if let directory = words["dst"] { settings.destination = directory }
        if let file = words["file"] {
            guard !file.isEmpty, !file.contains("/"), file != ".", file != ".." else {
                throw .usage("-f,--file is a name without a directory, which -d,--dst gives: '\(file)'")
            }
            settings.file = file
        }
        if let tag = words["tag"], !tag.isEmpty { settings.tag = tag }
        settings.uploads = words.has("upload")
        settings.isDryRun = words.isDryRun
        try applyCipher(key: words["key"] ?? environmentKey)
        if let text = words["remove"] { settings.keptMinutes = try Self.minutes(text) }
    }

    private mutating func applyCipher(key: String?) throws(BaseBackupFailure) {
        settings.key = key
        switch words["cipher"] {
        case nil: settings.cipher = words.has("encrypt") ? .rc4 : nil
        case "rc4": settings.cipher = .rc4
        case "aes-256-cbc": settings.cipher = .aes256
        default: throw .usage("--cipher is rc4 or aes-256-cbc")
        }
        guard settings.cipher == nil || key?.isEmpty != true else { throw .usage("-k,--key must not be empty") }
        // The tag is the default key, and stands in the name of the file.
        guard settings.cipher != .aes256 || key != nil else {
            throw .usage("--cipher=aes-256-cbc needs a key: PG_BASEBACKUP_KEY in the environment, or -k,--key")
        }
    }

    /// More than can be counted is for ever.
    private static func minutes(_ text: String) throws(BaseBackupFailure) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw BaseBackupFailure(
                .retention, "[INIT] -r,--remove should be an integer represent minutes of retention")
        }
        return Int(text) ?? .max
    }
}

extension BaseBackupFailure {
    fileprivate static func usage(_ problem: String) -> BaseBackupFailure {
        BaseBackupFailure(.usage, "[INIT] \(problem)")
    }
}
