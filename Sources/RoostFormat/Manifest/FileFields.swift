internal import RoostSystem

/// The parts of a file's line that do not go straight into its record.
struct FileFields {
    var hasSize = false
    var hasTimestamp = false
    var hasRepoSize = false
    var hasOriginalSize = false
    /// Where in the line the label stands.
    var reference: Range<Int>?
    var user: Owner?
    var group: Owner?
    var pageErrors: [PageRange] = []

    /// Takes the value of one key.
    mutating func take(
        _ cursor: inout JSONCursor, _ key: Range<Int>, into file: inout ManifestFile
    ) throws(RoostError) {
        switch key.count {
        case 2 where cursor.matches(key, "bi"):
            file.block = .init(
                blockSize: try cursor.unsigned(as: UInt16.self).asInt * 8192, checksumSize: 6, mapSize: 0)
        case 3 where cursor.matches(key, "bic"):
            let size = try cursor.unsigned(as: UInt8.self).asInt
            guard BlockChecksum.sizes.contains(size) else {
                throw RoostError(.format, "a block cannot have a checksum of \(size) bytes")
            }
            file.block?.checksumSize = size
        case 3 where cursor.matches(key, "bim"): file.block?.mapSize = try cursor.unsigned(as: UInt32.self)
        case 3 where cursor.matches(key, "bni"):
            let id = try cursor.unsigned(as: UInt32.self)
            guard id > 0 else { throw RoostError(.format, "a bundle has the id 0") }
            file.bundle = .init(id: id, offset: 0)
        case 3 where cursor.matches(key, "bno"): file.bundle?.offset = try cursor.unsigned()
        case 3 where cursor.matches(key, "rck"): file.repoChecksum = try checksum(&cursor)
        case 3 where cursor.matches(key, "szo"):
            file.originalSize = try cursor.unsigned()
            hasOriginalSize = true
        case 4 where cursor.matches(key, "size"):
            file.size = try cursor.unsigned()
            hasSize = true
        case 4 where cursor.matches(key, "mode"): file.mode = try mode(&cursor)
        case 4 where cursor.matches(key, "user"): user = try owner(&cursor)
        case 5 where cursor.matches(key, "group"): group = try owner(&cursor)
        case 8 where cursor.matches(key, "checksum"): file.checksum = try checksum(&cursor)
        case 9 where cursor.matches(key, "timestamp"):
            file.timestamp = try cursor.signed()
            hasTimestamp = true
        case 9 where cursor.matches(key, "repo-size"):
            file.repoSize = try cursor.unsigned()
            hasRepoSize = true
        case 9 where cursor.matches(key, "reference"): reference = try cursor.rawString()
        case 13 where cursor.matches(key, "checksum-page"): file.pageCheck = try cursor.bool() ? .valid : .invalid
        case 19 where cursor.matches(key, "checksum-page-error"): pageErrors = try pages(&cursor)
        default: try cursor.skip()
        }
    }

    private func checksum(_ cursor: inout JSONCursor) throws(RoostError) -> SHA1 {
        let range = if let range = cursor.rawString(ofLength: 40) { range } else { try cursor.rawString() }
        guard let checksum = SHA1(hex: cursor.bytes.extracting(range)) else {
            throw RoostError(.format, "invalid checksum '\(cursor.text(range))' in a file's line")
        }
        return checksum
    }

    private func mode(_ cursor: inout JSONCursor) throws(RoostError) -> UInt16 {
        let text = cursor.text(try cursor.rawString())
        guard let mode = UInt16(text, radix: 8), mode <= 0o7777 else {
            throw RoostError(.format, "invalid mode '\(text)'")
        }
        return mode
    }

    private func owner(_ cursor: inout JSONCursor) throws(RoostError) -> Owner {
        guard cursor.peek() != UInt8(ascii: "\"") else { return .name(try cursor.string()) }
        guard try !cursor.bool() else { throw RoostError(.format, "an owner is a name or false") }
        return .unknown
    }

    private func pages(_ cursor: inout JSONCursor) throws(RoostError) -> [PageRange] {
        var runs: [PageRange] = []
        try cursor.array { cursor throws(RoostError) in
            guard cursor.peek() == UInt8(ascii: "[") else {
                let page = try cursor.unsigned(as: UInt32.self)
                return runs.append(PageRange(first: page, last: page))
            }
            var ends: [UInt32] = []
            try cursor.array { cursor throws(RoostError) in ends.append(try cursor.unsigned(as: UInt32.self)) }
            guard ends.count == 2, ends[0] <= ends[1] else { throw RoostError(.format, "invalid range of pages") }
            runs.append(PageRange(first: ends[0], last: ends[1]))
        }
        return runs
    }
}

extension FixedWidthInteger {
    fileprivate var asInt: Int { Int(self) }
}
