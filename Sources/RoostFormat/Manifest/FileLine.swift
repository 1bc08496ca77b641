internal import RoostSystem

/// Renders the JSON object of one file without a tree.
struct FileLine {
    /// The digits of the line's checksums, which are longest to make.
    private var hex: [UInt8] = []

    private let quotedLabels: [[UInt8]]
    private let quotedOwners: [[UInt8]]
    private let defaultUser: Int?
    private let defaultGroup: Int?
    private let defaultMode: UInt16

    /// - Parameters:
    ///   - user: Left out, as are group and mode, where a file has it.
    init(references: [BackupLabel], owners: [Owner], user: Owner, group: Owner, mode: UInt16) {
        quotedLabels = references.map { Array(JSONValue.string($0.text).text.utf8) }
        quotedOwners = owners.map { Array($0.json.text.utf8) }
        defaultUser = owners.firstIndex(of: user)
        defaultGroup = owners.firstIndex(of: group)
        defaultMode = mode
    }

    /// Appends the object of a file; keys come in byte order.
    mutating func render(_ file: ManifestFile, pageErrors: [PageRange], to bytes: inout [UInt8]) {
        let label = file.reference.map { quotedLabels[$0] } ?? []
        let user = Int(file.user) == defaultUser ? [] : quotedOwners[Int(file.user)]
        let group = Int(file.group) == defaultGroup ? [] : quotedOwners[Int(file.group)]
        let mode = file.mode == defaultMode ? [] : Array("\"\(octal(file.mode))\"".utf8)
        let errors = pageErrors.isEmpty ? [] : Array(pageErrors.json.text.utf8)
        hex.removeAll(keepingCapacity: true)
        (file.checksum ?? .zero).appendHex(to: &hex)
        (file.repoChecksum ?? .zero).appendHex(to: &hex)
        let digits = hex.span
        // Keys, punctuation and numbers of a line with all of them are less than 512 bytes.
        let texts = label.count + user.count + group.count + mode.count + errors.count
        bytes.append(addingCapacity: 512 + texts) { line in
            line.append(UInt8(ascii: "{"))
            if let block = file.block {
                line.add("\"bi\":", number: UInt64(block.blockSize / 8192))
                if block.checksumSize != 6 { line.add(",\"bic\":", number: UInt64(block.checksumSize)) }
                if block.mapSize > 0 { line.add(",\"bim\":", number: UInt64(block.mapSize)) }
                line.append(UInt8(ascii: ","))
            }
            if let bundle = file.bundle {
                line.add("\"bni\":", number: UInt64(bundle.id))
                if bundle.offset > 0 { line.add(",\"bno\":", number: bundle.offset) }
                line.append(UInt8(ascii: ","))
            }
            if file.size > 0, file.checksum != nil { line.add("\"checksum\":\"", digits.extracting(0..<40), "\",") }
            switch file.pageCheck {
            case .none: break
            case .valid: line.add("\"checksum-page\":true,")
            case .invalid: line.add("\"checksum-page\":false,")
            }
            if !errors.isEmpty { line.add("\"checksum-page-error\":", errors.span, ",") }
            if !group.isEmpty { line.add("\"group\":", group.span, ",") }
            if !mode.isEmpty { line.add("\"mode\":", mode.span, ",") }
            if file.repoChecksum != nil { line.add("\"rck\":\"", digits.extracting(40..<80), "\",") }
            if !label.isEmpty { line.add("\"reference\":", label.span, ",") }
            if file.repoSize != file.size {
                line.add("\"repo-size\":", number: file.repoSize)
                line.append(UInt8(ascii: ","))
            }
            line.add("\"size\":", number: file.size)
            if file.originalSize != file.size { line.add(",\"szo\":", number: file.originalSize) }
            line.add(file.timestamp < 0 ? ",\"timestamp\":-" : ",\"timestamp\":", number: file.timestamp.magnitude)
            if !user.isEmpty { line.add(",\"user\":", user.span, "") }
            line.append(UInt8(ascii: "}"))
        }
    }
}

extension OutputSpan where Element == UInt8 {
    @_lifetime(self: copy self)
    fileprivate mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { buffer in
            for index in 0..<buffer.count { unsafe append(buffer[index]) }
        }
    }

    @_lifetime(self: copy self)
    fileprivate mutating func add(_ text: Span<UInt8>) {
        for index in 0..<text.count { append(text[index]) }
    }

    @_lifetime(self: copy self)
    fileprivate mutating func add(_ prefix: StaticString, _ text: Span<UInt8>, _ suffix: StaticString) {
        add(prefix)
        add(text)
        add(suffix)
    }

    @_lifetime(self: copy self)
    fileprivate mutating func add(_ prefix: StaticString, number: UInt64) {
        add(prefix)
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}

extension [PageRange] {
    fileprivate var json: JSONValue {
        .array(
            map { run in
                run.first == run.last
                    ? .unsigned(UInt64(run.first))
                    : .array([.unsigned(UInt64(run.first)), .unsigned(UInt64(run.last))])
            })
    }
}

extension Owner {
    var json: JSONValue {
        switch self {
        case .name(let name): .string(name)
        case .unknown: .bool(false)
        }
    }
}

/// `0600`.
func octal(_ mode: UInt16) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
