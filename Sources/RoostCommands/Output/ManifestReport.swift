internal import RoostFormat
internal import RoostSystem

/// The text of a manifest for people or programs, as upstream shows it.
struct ManifestReport {
    private let manifest: Manifest
    private let isJSON: Bool

    init(_ manifest: Manifest, isJSON: Bool) {
        self.manifest = manifest
        self.isJSON = isJSON
    }

    var head: String { isJSON ? jsonHead : textHead }
    /// Between two files.
    var separator: String { isJSON ? "," : "\n" }
    var tail: String { isJSON ? "]}" : "" }

    func file(at index: Int) -> String {
        let (name, file) = (manifest.files.name(at: index), manifest.files[index])
        return isJSON ? json(name, file) : text(name, file)
    }

    private var textHead: String {
        let duration = manifest.timestampStop - manifest.timestampStart
        let clock = "\(duration / 3600):\(pad(Int(duration % 3600 / 60))):\(pad(Int(duration % 60)))"
        return """
            label: \(manifest.label)
            reference: \(manifest.references.map(\.text).joined(separator: ", "))
            type: \(manifest.type.rawValue)
            time: start: \(LocalTime(manifest.timestampStart).text), stop: \(LocalTime(manifest.timestampStop).text), \
            duration: \(clock)
            bundle: \(manifest.isBundled)
            block: \(manifest.isBlockIncremental)

            file list:

            """
    }

    private var jsonHead: String {
        let references = manifest.references.map { "\"\($0)\"" }.joined(separator: ",")
        return "{\"label\":\"\(manifest.label)\",\"reference\":[\(references)],\"type\":\"\(manifest.type.rawValue)\","
            + "\"time\":{\"start\":\(manifest.timestampStart),\"copy\":\(manifest.timestampCopyStart),"
            + "\"stop\":\(manifest.timestampStop)},\"bundle\":{\"bundle\":\(manifest.isBundled),"
            + "\"raw\":\(manifest.isBundleRaw)},\"block\":{\"block\":\(manifest.isBlockIncremental)},\"fileList\":["
    }

    private func text(_ name: String, _ file: ManifestFile) -> String {
        var lines = ["  - \(name)"]
        if file.reference != nil { lines.append("      reference: \(manifest.holder(of: file))") }
        lines.append("      size: \(ByteCount(file.size)), repo \(ByteCount(file.repoSize))")
        lines.append("      checksum: \(file.checksum ?? .ofNothing)")
        if let bundle = file.bundle { lines.append("      bundle: \(bundle.id)") }
        if let block = file.block {
            lines.append(
                "      block: size \(ByteCount(UInt64(block.blockSize))), map size \(ByteCount(UInt64(block.mapSize))), "
                    + "checksum size \(ByteCount(UInt64(block.checksumSize)))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func json(_ name: String, _ file: ManifestFile) -> String {
        var text = "{\"name\":\(JSONValue.string(name).text)"
        if file.reference != nil { text += ",\"reference\":\"\(manifest.holder(of: file))\"" }
        text +=
            ",\"size\":\(file.size),\"checksum\":\"\(file.checksum ?? .ofNothing)\",\"repo\":{\"size\":\(file.repoSize)}"
        if let bundle = file.bundle { text += ",\"bundle\":{\"id\":\(bundle.id),\"offset\":\(bundle.offset)}" }
        if let block = file.block {
            text +=
                ",\"block\":{\"size\":\(block.blockSize),\"map\":{\"size\":\(block.mapSize)},"
                + "\"checksum\":{\"size\":\(block.checksumSize)}}"
        }
        return text + "}"
    }
}
