import Foundation
import RoostTesting
import Testing

/// The options of block increments reach the backup, as its manifest shows.
@Suite struct BlockOptionTests {
    /// How one file of a manifest is stored: in blocks of 8 KiB units, with checksums of some bytes.
    private struct Stored: Equatable {
        var size: Int
        var units: Int?
        var checksumBytes: Int?
    }

    @Test func `maps of sizes, ages and checksums decide how a file is stored, and increments keep to it`() throws {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(in: scratch)
            let stanza = try ScratchStanza(cluster: cluster, in: scratch, options: .init(.zst, blocks: true))
            try stanza.configure(
                "repo1-block-size-map=16KiB=16KiB", "repo1-block-size-map=128KiB=32KiB", "repo1-block-age-map=5=0",
                "repo1-block-checksum-size-map=8KiB=8", "repo1-block-checksum-size-map=32KiB=10",
                "repo1-block-size-super=64KiB", "repo1-block-size-super-full=96KiB")
            let (changing, old) = ("base/1/1255", "base/1/1249")
            let tenDaysAgo = Date(timeIntervalSinceNow: -10 * 86_400)
            try FileManager.default.setAttributes(
                [.modificationDate: tenDaysAgo], ofItemAtPath: "\(cluster.dataDirectory)/\(old)")
            try stanza.run(.roost, "--no-online", "stanza-create")

            func backup(_ arguments: String...) throws -> [String: Stored] {
                try stanza.command(.roost, ["--no-online", "--no-checksum-page", "backup"] + arguments).run()
                    .requireSuccess()
                return try files(stanza)
            }
            let full = try backup("--type=full")
            #expect(full[old]?.size ?? 0 > 128 << 10 && full[old]?.units == nil)
            for (name, file) in full where name != old {
                let (units, bytes): (Int?, Int?) =
                    switch file.size {
                    case ..<(16 << 10): (nil, nil)
                    case ..<(128 << 10): (2, 8)
                    default: (4, 10)
                    }
                #expect(file == Stored(size: file.size, units: units, checksumBytes: bytes), "\(name)")
            }
            #expect(Set(full.values.map(\.units)) == [nil, 2, 4], "the cluster has files of each kind")

            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(cluster.dataDirectory)/\(changing)"))
            try handle.seek(toOffset: 300_000)
            try handle.write(contentsOf: Data(repeating: 7, count: 100))
            try handle.close()
            let increment = try backup("--type=incr", "--repo1-block-size-map=16KiB=8KiB")
            #expect(increment[changing] == full[changing])

            let restored = try stanza.restore(.roost, "--type=none", into: "restored")
            for name in [changing, old, "base/1/2619"] {
                let pairs = try [cluster, restored].map {
                    try Data(contentsOf: URL(fileURLWithPath: "\($0.dataDirectory)/\(name)"))
                }
                #expect(pairs[0] == pairs[1], "\(name)")
            }
        }
    }

    @Test func `a row that is none is refused with its name`() throws {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(in: scratch)
            let stanza = try ScratchStanza(cluster: cluster, in: scratch, options: .init(.zst, blocks: true))
            try stanza.run(.roost, "--no-online", "stanza-create")
            for (option, row) in [
                ("block-size-map", "16KiB=100"), ("block-size-map", "x=8KiB"), ("block-age-map", "a=1"),
                ("block-checksum-size-map", "8KiB=5"),
            ] {
                let result = try stanza.attempt(.roost, "--no-online", "--repo1-\(option)=\(row)", "backup")
                #expect(result.status == 32 && result.output.contains("repo1-\(option)"), "\(result)")
            }
        }
    }

    /// What the manifest of the newest backup tells of its files.
    private func files(_ stanza: ScratchStanza) throws -> [String: Stored] {
        let label = try #require(try stanza.info(.roost).labels.last)
        let path = "backup/\(ScratchStanza.name)/\(label)/backup.manifest"
        let text = try stanza.run(.roost, "repo-get", path).standardOutput
        var files: [String: Stored] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("pg_data/") && line.contains("\"size\":") {
            let equals = try #require(line.firstIndex(of: "="))
            let object = try JSONSerialization.jsonObject(with: Data(line[line.index(after: equals)...].utf8))
            let entry = try #require(object as? [String: Any])
            files[String(line[..<equals].dropFirst("pg_data/".count))] = Stored(
                size: try #require(entry["size"] as? Int), units: entry["bi"] as? Int,
                checksumBytes: entry["bic"] as? Int)
        }
        return files
    }
}
