internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

/// `repo-ls`.
struct RepositoryListCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        let tree = RepositoryTree(try invocation.repository(""))
        let path = try tree.relativePath(try invocation.onePath() ?? "")
        var listing = RepositoryTree.Listing()
        listing.recurses = options[Options.recurse]
        listing.order = .init(rawValue: options[Options.sort]) ?? .asc
        listing.filter = try options[Options.filter].map { pattern throws(RoostError) in
            try RegularExpression(pattern)
        }
        let isJSON = options[Options.output] == "json"
        listing.includesRoot = isJSON
        let output = OutputBuffer()
        var separator = isJSON ? "{" : ""
        try tree.list(path, listing) { item in
            output.add(isJSON ? "\(separator)\(Self.json(item))" : "\(item.name)\n")
            if isJSON { separator = "," }
        }
        if isJSON { output.add(separator == "{" ? "{}\n" : "}\n") }
        try output.finish()
    }

    /// `"a":{"type":"file","size":3,"time":1795376433}`: type first, as upstream has it.
    static func json(_ item: RepositoryTree.Item) -> String {
        let name = JSONValue.string(item.name).text
        let details =
            switch item.kind {
            case .file: ",\"size\":\(item.size),\"time\":\(item.modified)"
            case .link: ",\"destination\":\(JSONValue.string(item.destination ?? "").text)"
            case .directory, .special: ""
            }
        return "\(name):{\"type\":\"\(item.kind.rawValue)\"\(details)}"
    }
}

/// `repo-get`.
struct RepositoryGetCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    /// - Returns: The exit status: 1 if there is no such file and that is allowed.
    func run() throws -> Int32 {
        let options = invocation.options
        guard options.parameters.count == 1 else { throw RoostError(.paramRequired, "source file required") }
        let repository = try invocation.repository("")
        let path = try RepositoryTree(repository).relativePath(options.parameters[0])
        var isOpen = true
        let isFound = try RepositoryFile(path, in: repository).copy(
            raw: options[Options.raw], stanza: options[Options.stanza], ignoresMissing: options[Options.ignoreMissing]
        ) { bytes throws(RoostError) in
            if isOpen { isOpen = try StandardOutput.write(bytes) }
        }
        return isFound && isOpen ? 0 : 1
    }
}

/// `repo-rm`.
struct RepositoryRemoveCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let tree = RepositoryTree(try invocation.repository(""))
        let path = try tree.relativePath(try invocation.onePath() ?? "")
        try tree.remove(path, recurses: invocation.options[Options.recurse])
    }
}

extension Invocation {
    /// The path behind the command, nil if there is none.
    fileprivate func onePath() throws(RoostError) -> String? {
        guard options.parameters.count <= 1 else { throw RoostError(.paramInvalid, "only one path may be specified") }
        return options.parameters.first
    }
}

/// Gathers text for standard output, so that a line is not a system call.
final class OutputBuffer {
    private var bytes: [UInt8] = []
    private var isOpen = true
    private var failure: RoostError?

    func add(_ text: String) {
        bytes += text.utf8
        if bytes.count >= 64 << 10 { flush() }
    }

    /// - Throws: What went wrong with any of it; a reader that closed its end is no failure.
    func finish() throws(RoostError) {
        flush()
        if let failure { throw failure }
    }

    private func flush() {
        defer { bytes.removeAll(keepingCapacity: true) }
        guard isOpen, failure == nil else { return }
        do { isOpen = try StandardOutput.write(bytes.span.bytes) } catch { failure = error }
    }
}
