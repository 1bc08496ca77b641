import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// A repository looked at as files: `repo-ls`, `repo-get`, `repo-rm`.
struct RepositoryTreeTests {
    private let bed: Bed
    private var tree: RepositoryTree { RepositoryTree(bed.repository.stanza("")) }

    init() throws {
        let directory = try TemporaryDirectory()
        bed = try Bed(base: PosixStorage(root: "\(directory.path)/repo"))
        for path in ["a/f1", "a/x/f2", "zz"] { try bed.storage.write("backup/demo/\(path)", [1, 2, 3]) }
        try bed.storage.createDirectory("backup/demo/b")
        try bed.storage.createLink("backup/demo/latest", destination: "a")
        self.directory = directory
    }

    private let directory: TemporaryDirectory

    private func names(
        _ path: String = "backup/demo", _ change: (inout RepositoryTree.Listing) throws -> Void = { _ in }
    )
        throws -> [String]
    {
        var listing = RepositoryTree.Listing()
        try change(&listing)
        var names: [String] = []
        try tree.list(path, listing) { names.append($0.name) }
        return names
    }

    @Test func `names of one directory or of all below, up and down`() throws {
        #expect(try names() == ["a", "b", "latest", "zz"])
        #expect(try names { $0.order = .desc } == ["zz", "latest", "b", "a"])
        let all = ["a", "a/f1", "a/x", "a/x/f2", "b", "latest", "zz"]
        #expect(try names { $0.recurses = true } == all)
        #expect(
            try names { ($0.recurses, $0.order) = (true, .desc) } == [
                "zz", "latest", "b", "a/x/f2", "a/x", "a/f1", "a",
            ])
        #expect(try names { ($0.recurses, $0.filter) = (true, try RegularExpression("^a/x")) } == ["a/x", "a/x/f2"])
        #expect(try names { ($0.recurses, $0.includesRoot) = (true, true) } == ["."] + all)
        #expect(try names("nowhere").isEmpty)
        #expect(try names("backup/demo/zz") == ["."])
        #expect(try names("backup/demo/zz") { $0.filter = try RegularExpression("nothing") }.isEmpty)
        #expect(try names("") == ["backup"])
        #expect(
            try names("backup/demo/latest") == ["f1", "x"], "a link to a directory is followed when it is asked for")
    }

    @Test func `kinds, sizes and where links point`() throws {
        var items: [String: RepositoryTree.Item] = [:]
        try tree.list("backup/demo", RepositoryTree.Listing()) { items[$0.name] = $0 }
        #expect(items["a"]?.kind == .directory)
        #expect(items["latest"]?.kind == .link && items["latest"]?.destination == "a")
        #expect(items["zz"]?.kind == .file && items["zz"]?.size == 3)
    }

    @Test func `paths are relative, or absolute inside the repository`() throws {
        let root = "\(directory.path)/repo"
        for (given, expected) in [
            ("backup/demo", "backup/demo"), ("backup/demo/", "backup/demo"), (root, ""), ("\(root)/", ""),
            ("\(root)/backup", "backup"), ("", ""),
        ] {
            #expect(try tree.relativePath(given) == expected)
        }
        for path in ["a//b", "/etc", "\(root)2/a", "../x", "a/../../x", "\(root)/../x", "/"] {
            #expect(failure { _ = try tree.relativePath(path) }?.code == .paramInvalid, "\(path)")
        }
    }

    @Test func `a file, a link, an empty directory go at once, anything else only if all below is to go`() throws {
        #expect(failure { try tree.remove("backup/demo/a", recurses: false) }?.code == .optionInvalid)
        try tree.remove("backup/demo/latest", recurses: true)
        #expect(try bed.storage.exists("backup/demo/a/f1"), "a link is removed, not what it points to")
        try tree.remove("backup/demo/b", recurses: false)
        try tree.remove("backup/demo/zz", recurses: false)
        try tree.remove("nowhere", recurses: false)
        #expect(try names() == ["a"])
        try tree.remove("backup/demo/a", recurses: true)
        #expect(try names().isEmpty)
    }
}

/// Which passphrase belongs to which place (specification `encryption`, section 10).
struct RepositoryFileTests {
    private static let full = "20261122-141514F"

    private func content(_ bed: Bed, _ path: String, raw: Bool = false, stanza: String? = nil) throws -> [UInt8] {
        var content: [UInt8] = []
        let file = RepositoryFile(path, in: bed.repository.stanza(""))
        let isFound = try file.copy(raw: raw, stanza: stanza, ignoresMissing: false) { piece throws(RoostError) in
            content += piece.array()
        }
        #expect(isFound)
        return content
    }

    @Test func `every file of an encrypted repository is shown in clear`() throws {
        let bed = try Bed.prepared(cipherPass: "secret")
        try bed.backup()
        try bed.push("00000002.history", Array("1 0/2000000 no reason\n".utf8))
        for path in [
            "archive/demo/archive.info", "archive/demo/archive.info.copy", "backup/demo/backup.info",
            "backup/demo/\(Self.full)/backup.manifest", "backup/demo/\(Self.full)/backup.manifest.copy",
        ] {
            #expect(try content(bed, path).starts(with: "[back".utf8), "\(path)")
            #expect(try content(bed, path, raw: true).starts(with: "Salted__".utf8))
        }
        #expect(try content(bed, "archive/demo/15-1/00000002.history").starts(with: "1 0/2000000".utf8))
        #expect(try content(bed, "backup/demo/\(Self.full)/pg_data/PG_VERSION", stanza: "demo") == Array("15\n".utf8))
        let history = try content(bed, "backup/demo/backup.history/2026/\(Self.full).manifest.gz")
        #expect(history.prefix(2) == [0x1F, 0x8B], "decrypted, not decompressed")
    }

    @Test func `a plain repository is shown as it is`() throws {
        let bed = try Bed.prepared()
        #expect(try content(bed, "backup/demo/backup.info", stanza: "other").starts(with: "[back".utf8))
    }

    @Test func `paths that tell no passphrase, of another stanza, of nothing`() throws {
        let bed = try Bed.prepared(cipherPass: "secret")
        for path in ["backup/demo", "note", "other/demo/file", "backup/demo/note/file"] {
            #expect(failure { _ = try content(bed, path) }?.code == .optionInvalidValue, "\(path)")
        }
        #expect(failure { _ = try content(bed, "backup/demo/backup.info", stanza: "x") }?.code == .optionInvalidValue)
        #expect(failure { _ = try content(bed, "archive/demo/15-1/none") }?.code == .fileMissing)
        let none = RepositoryFile("archive/demo/15-1/none", in: bed.repository)
        #expect(try !none.copy(raw: false, stanza: nil, ignoresMissing: true) { _ throws(RoostError) in })
    }
}
