internal import RoostPostgres
package import RoostSystem

/// `archive.info`: which clusters' WAL a stanza holds, and the passphrase of the archive.
package struct ArchiveInfo: Sendable, Hashable {
    package var history: ClusterHistory<ClusterIdentity>
    /// Encrypts everything below the archive ids; nil in a plain repository.
    package var cipherPass: String?

    package init(history: ClusterHistory<ClusterIdentity>, cipherPass: String?) {
        self.history = history
        self.cipherPass = cipherPass
    }

    /// The directory that new WAL goes to.
    package var currentArchiveID: ArchiveID {
        ArchiveID(version: history.current.version, historyID: history.currentID)
    }

    /// Parses the decrypted file.
    package init(parsing bytes: [UInt8], object: String) throws(RoostError) {
        let (sections, _) = try InfoSections.parse(bytes, object: object)
        var generations: [ClusterHistory<ClusterIdentity>.Generation] = []
        for (key, value) in sections.lines("db:history") {
            guard let id = UInt32(key), String(id) == key else {
                throw RoostError(.format, "invalid history id '\(key)' in '\(object)'")
            }
            let fields = try InfoFields(value, of: "history entry \(key) of '\(object)'")
            // The key is named for its history: in this file it is the system identifier.
            let systemID = SystemID(try fields.unsigned("db-id"))
            let identity = ClusterIdentity(systemID: systemID, version: try fields.string("db-version"))
            generations.append(.init(id: id, entry: identity))
        }
        let currentID = try sections.fields("db").unsigned32("db-id")
        history = try ClusterHistory(generations, currentID: currentID, object: object)
        cipherPass = try sections.fields("cipher").optionalString("cipher-pass")
    }

    /// The text of the file.
    package func render(version: String) throws -> [UInt8] {
        try renderInfoFile(version: version) { writer in
            if let cipherPass { try writer.entry("cipher", "cipher-pass", .string(cipherPass)) }
            try writer.entry("db", "db-id", .unsigned(UInt64(history.currentID)))
            try writer.entry("db", "db-system-id", .unsigned(history.current.systemID.value))
            try writer.entry("db", "db-version", .string(history.current.version))
            for generation in history.generations {
                let entry: JSONValue = .object([
                    "db-id": .unsigned(generation.entry.systemID.value),
                    "db-version": .string(generation.entry.version),
                ])
                try writer.entry("db:history", String(generation.id), entry)
            }
        }
    }
}

/// Renders a small info file to memory.
func renderInfoFile(version: String, _ body: (inout InfoFileWriter) throws -> Void) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withoutActuallyEscaping({ (span: RawSpan) in bytes += span.array() }) { sink in
        var writer = try InfoFileWriter(version: version, to: sink)
        try body(&writer)
        try writer.finish()
    }
    return bytes
}
