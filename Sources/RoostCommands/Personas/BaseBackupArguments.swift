internal import RoostAdmin
internal import RoostPostgres
internal import RoostSystem

/// The command line of `pg-basebackup`: `-o value`, `--opt value`, `--opt=value`, and letters without a value together (`-eu`).
struct BaseBackupArguments {
    private enum Option {
        case source, destination, file, remove, tag, key, cipher, output
        case upload, encrypt, help, dryRun

        var takesValue: Bool {
            switch self {
            case .upload, .encrypt, .help, .dryRun: false
            default: true
            }
        }
    }

    private static let letters: [Character: Option] = [
        "s": .source, "d": .destination, "f": .file, "r": .remove, "t": .tag, "k": .key, "u": .upload, "e": .encrypt,
        "h": .help,
    ]
    private static let names: [String: Option] = [
        "src": .source, "url": .source, "dst": .destination, "dir": .destination, "file": .file, "remove": .remove,
        "tag": .tag, "key": .key, "cipher": .cipher, "output": .output, "upload": .upload, "encrypt": .encrypt,
        "encryption": .encrypt, "help": .help, "dry-run": .dryRun,
    ]

    private var source = "postgres:///"
    private var values: [Option: String] = [:]
    private var flags: Set<Option> = []
    private(set) var settings: BaseBackupSettings

    var wantsHelp: Bool { flags.contains(.help) }
    var wantsJSON: Bool { values[.output] == "json" }

    /// - Parameter key: The key that the environment gives.
    init(_ arguments: [String], key: String?) throws(BaseBackupFailure) {
        settings = BaseBackupSettings(source: Self.defaultSource)
        var rest = arguments[...]
        while let word = rest.popFirst() { try take(word, &rest) }
        if !wantsHelp { try apply(key: key) }
    }

    private static var defaultSource: ConnectionString {
        // Written here, so it can be parsed.
        guard let source = try? ConnectionString("postgres:///") else {
            preconditionFailure("the default URL is valid")
        }
        return source
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(BaseBackupFailure) {
        if word.hasPrefix("--"), word != "--" {
            let name = word.dropFirst(2).prefix { $0 != "=" }
            guard let option = Self.names[String(name)] else { throw .usage("unknown option '--\(name)'") }
            let hasValue = name.endIndex < word.endIndex
            if option.takesValue, hasValue {
                values[option] = String(word[word.index(after: name.endIndex)...])
            } else if option.takesValue {
                values[option] = try value(of: "--\(name)", &rest)
            } else {
                guard !hasValue else { throw .usage("option '--\(name)' takes no value") }
                flags.insert(option)
            }
            return
        }
        guard word.hasPrefix("-"), word.count > 1, word != "--" else {
            throw .usage("unexpected argument: options only are understood")
        }
        for (index, letter) in word.dropFirst().enumerated() {
            guard let option = Self.letters[letter] else { throw .usage("unknown option '-\(letter)'") }
            guard option.takesValue else {
                flags.insert(option)
                continue
            }
            // In a group of letters only the last can be followed by a value.
            guard index == word.count - 2 else {
                throw .usage("option '-\(letter)' is followed by a space and a value")
            }
            values[option] = try value(of: "-\(letter)", &rest)
        }
    }

    private func value(of name: String, _ rest: inout ArraySlice<String>) throws(BaseBackupFailure) -> String {
        guard let value = rest.popFirst() else { throw .usage("option '\(name)' needs a value") }
        return value
    }

    private mutating func apply(key environmentKey: String?) throws(BaseBackupFailure) {
        if let text = values[.source], !text.isEmpty {
            do {
                settings.source = try ConnectionString(text)
            } catch {
                throw .usage(error.description)
            }
        }
        if let directory = values[.destination] { settings.destination = directory }
        if let file = values[.file] {
            guard !file.isEmpty, !file.contains("/"), file != ".", file != ".." else {
                throw .usage("-f,--file is a name without a directory, which -d,--dst gives: '\(file)'")
            }
            settings.file = file
        }
        if let tag = values[.tag], !tag.isEmpty { settings.tag = tag }
        settings.uploads = flags.contains(.upload)
        settings.isDryRun = flags.contains(.dryRun)
        guard ["text", "json"].contains(values[.output] ?? "text") else { throw .usage("--output is text or json") }
        try applyCipher(key: values[.key] ?? environmentKey)
        if let text = values[.remove] { settings.keptMinutes = try Self.minutes(text) }
    }

    private mutating func applyCipher(key: String?) throws(BaseBackupFailure) {
        settings.key = key
        switch values[.cipher] {
        case nil: settings.cipher = flags.contains(.encrypt) ? .rc4 : nil
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
