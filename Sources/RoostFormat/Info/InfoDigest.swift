internal import RoostSystem

/// The checksum of an info file: SHA-1 of its lines as one compact JSON object of objects, keys escaped, values verbatim
/// (specification `info-files`, section 3).
struct InfoDigest {
    private let hasher = SHA1Hasher()
    private let buffer = Chunk(capacity: 64 << 10)
    private var section: String?

    mutating func add(section name: String, key: Span<UInt8>, value: Span<UInt8>) {
        if section == name {
            put(",".utf8.span.raw)
        } else {
            put((section == nil ? "{\"\(name)\":{" : "},\"\(name)\":{").utf8.span.raw)
            section = name
        }
        if needsEscapes(key) {
            var quoted: [UInt8] = []
            appendJSONString(key.raw.array(), to: &quoted)
            put(quoted.span.raw)
            put(":".utf8.span.raw)
        } else {
            put("\"".utf8.span.raw)
            put(key.raw)
            put("\":".utf8.span.raw)
        }
        put(value.raw)
    }

    private func needsEscapes(_ key: Span<UInt8>) -> Bool {
        for index in 0..<key.count {
            let byte = key[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return true }
        }
        return false
    }

    mutating func finish() -> SHA1 {
        put((section == nil ? "{}" : "}}").utf8.span.raw)
        hasher.update(buffer.bytes)
        buffer.removeAll()
        return hasher.finish()
    }

    private func put(_ bytes: RawSpan) {
        var rest = bytes
        while rest.byteCount > 0 {
            let taken = buffer.append(rest)
            rest = rest.extracting(droppingFirst: taken)
            guard buffer.isFull else { continue }
            hasher.update(buffer.bytes)
            buffer.removeAll()
        }
    }
}
