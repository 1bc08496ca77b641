import RoostFormat
import RoostSystem
import Testing

@Suite struct ManifestFilesTests {
    private func file(_ size: UInt64) -> ManifestFile {
        ManifestFile(size: size, timestamp: 1, mode: 0o600, user: 0, group: 0)
    }

    private func names(_ files: ManifestFiles) -> [String] { (0..<files.count).map { files.name(at: $0) } }

    @Test func `files are kept by name wherever they are added`() throws {
        var files = ManifestFiles()
        for (size, name) in ["pg_data/m", "pg_data/z", "pg_data/a", "pg_data/a/b", "pg_data/a-b", "pg_data/n"]
            .enumerated()
        {
            try files.add(Array(name.utf8).span, file(UInt64(size)))
        }
        #expect(names(files) == ["pg_data/a", "pg_data/a-b", "pg_data/a/b", "pg_data/m", "pg_data/n", "pg_data/z"])
        #expect((0..<6).map { files[$0].size } == [2, 4, 3, 0, 5, 1])
        #expect(files.index(of: "pg_data/n") == 4)
        #expect(files.index(of: "pg_data/b") == nil)
        #expect(files.index(of: "") == nil)
    }

    @Test func `a name is taken once`() throws {
        var files = ManifestFiles()
        try files.add(Array("pg_data/a".utf8).span, file(1))
        try files.add(Array("pg_data/b".utf8).span, file(1))
        for name in ["pg_data/a", "pg_data/b"] {
            #expect(code { try files.add(Array(name.utf8).span, file(1)) } == .format)
        }
        #expect(code { try files.add([UInt8](repeating: 0x61, count: 65536).span, file(1)) } == .format)
        #expect(code { try files.add([UInt8]().span, file(1)) } == .format)
        #expect(files.count == 2)
    }

    @Test func `a changed file keeps its name and every field`() throws {
        var files = ManifestFiles()
        try files.add(Array("pg_data/a".utf8).span, file(1))
        var changed = file(81_920)
        changed.originalSize = 90_000
        changed.repoSize = 777
        changed.checksum = SHA1("587b596f04f7db9c2cad3d6b87dd2b3a05de4f35")
        changed.repoChecksum = SHA1("b8b3ecfaf3ed3d6865df5807d66c5fd8cde3289e")
        changed.reference = 65_534
        changed.bundle = .init(id: .max, offset: .max)
        changed.block = .init(blockSize: 65_535 * 8192, checksumSize: 16, mapSize: .max)
        changed.pageCheck = .invalid
        changed.mode = 0o7777
        (changed.user, changed.group) = (254, 1)
        files[0] = changed
        #expect(files[0] == changed)
        #expect(files.name(at: 0) == "pg_data/a")
        #expect(files.hasPageErrors)
        files[0] = file(5)
        #expect(files[0] == file(5))
        #expect(!files.hasPageErrors)
    }

    @Test func `page errors stay with their file`() throws {
        var files = ManifestFiles()
        for name in ["pg_data/c", "pg_data/b", "pg_data/a"] {
            try files.add(Array(name.utf8).span, file(1))
            files.setPageErrors([PageRange(first: UInt32(name.utf8.last ?? 0), last: 200)], at: 0)
        }
        #expect((0..<3).map { files.pageErrors(at: $0)[0].first } == [97, 98, 99])
        files.removeAll { $0 == 1 }
        #expect((0..<2).map { files.pageErrors(at: $0)[0].first } == [97, 99])
        files.setPageErrors([], at: 0)
        #expect(files.pageErrors(at: 0).isEmpty)
        #expect(files.hasPageErrors)
        files.removeAll { $0 == 1 }
        #expect(!files.hasPageErrors)
    }

    @Test func `pages become runs and text`() {
        let runs = PageRange.runs(of: [3, 5, 6, 7, 20])
        #expect(runs == [PageRange(first: 3, last: 3), PageRange(first: 5, last: 7), PageRange(first: 20, last: 20)])
        #expect(PageRange.text(runs) == "3, 5-7, 20")
        #expect(PageRange.runs(of: []).isEmpty)
        #expect(PageRange.runs(of: [0, .max]) == [PageRange(first: 0, last: 0), PageRange(first: .max, last: .max)])
    }

    @Test(arguments: [(0, 1), (100, 3), (16_384, 2), (16_385, 2), (40_000, 7), (49_152, 16_384)])
    func `removing leaves the others in order across segments`(count: Int, step: Int) throws {
        var files = ManifestFiles()
        for number in 0..<count { try files.add(Array("pg_data/\(pad(number, 6))".utf8).span, file(UInt64(number))) }
        files.removeAll { $0.isMultiple(of: step) }
        let expected = (0..<count).filter { !$0.isMultiple(of: step) }
        #expect(names(files) == expected.map { "pg_data/\(pad($0, 6))" })
        #expect((0..<files.count).map { files[$0].size } == expected.map(UInt64.init))
        try files.add(Array("pg_data/zzz".utf8).span, file(1))
        try files.add(Array("pg_data/!".utf8).span, file(2))
        #expect(files.count == expected.count + 2)
        #expect(files.name(at: 0) == "pg_data/!")
        #expect(files.index(of: "pg_data/zzz") == files.count - 1)
        files.removeAll { _ in true }
        #expect(files.count == 0)
    }

    @Test func `long names fill the memory for names without gaps that matter`() throws {
        var files = ManifestFiles()
        let tail = String(repeating: "x", count: 65_000)
        for number in 0..<40 { try files.add(Array("pg_data/\(pad(number, 3))\(tail)".utf8).span, file(1)) }
        #expect(names(files) == (0..<40).map { "pg_data/\(pad($0, 3))\(tail)" })
    }

    @Test func `a manifest can name 255 owners`() throws {
        var manifest = try Golden.manifest("2.60-partial")
        for number in manifest.owners.count..<255 { _ = try manifest.ownerIndex(.name("u\(number)")) }
        #expect(try manifest.ownerIndex(.name("u200")) == 200)
        #expect(code { _ = try manifest.ownerIndex(.name("one more")) } == .format)
    }
}
