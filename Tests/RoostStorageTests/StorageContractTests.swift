import RoostStorage
import RoostSystem
import Testing

enum StorageKind: String, CaseIterable, Sendable {
    case memory, posix, memoryBehindWrapper, posixBehindWrapper
}

/// What the comment of `Storage` promises, of each backend.
struct StorageContractTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A new, empty storage.
    private func make(_ kind: StorageKind) -> any Storage {
        switch kind {
        case .memory: MemoryStorage()
        case .posix: PosixStorage(root: directory.path)
        case .memoryBehindWrapper: FaultyStorage(MemoryStorage())
        case .posixBehindWrapper: FaultyStorage(PosixStorage(root: directory.path))
        }
    }

    private func append(_ bytes: [UInt8], to writer: any StorageWriter) throws { try writer.write(bytes.span.raw) }

    @Test(arguments: StorageKind.allCases)
    func `an atomic object is read back as it was written, with the directories above it made`(kind: StorageKind) throws
    {
        let storage = make(kind)
        var generator = SeededGenerator(seed: 7)
        for size in [0, 1, 255, 256 << 10, (256 << 10) + 1, 700_001] {
            let content = generator.bytes(size)
            try storage.write("a/b/\(size)", content)
            #expect(try storage.read("a/b/\(size)") == content)
        }
        #expect(try storage.entry("a")?.kind == .directory)
        #expect(try storage.entry("a/b")?.kind == .directory)
    }

    @Test(arguments: StorageKind.allCases)
    func `an atomic object does not appear before it is finished`(kind: StorageKind) throws {
        let storage = make(kind)
        let writer = try storage.create("dir/object", durability: .atomic)
        try append([1, 2, 3], to: writer)
        #expect(try storage.entry("dir/object") == nil)
        #expect(failure { _ = try storage.read("dir/object") }?.code == .fileMissing)
        try append([4], to: writer)
        try writer.finish()
        #expect(try storage.read("dir/object") == [1, 2, 3, 4])
        #expect(try storage.list("dir").map(\.name) == ["object"])
    }

    @Test(arguments: StorageKind.allCases)
    func `an atomic object that is replaced stays what it was until the new one is finished`(kind: StorageKind) throws {
        let storage = make(kind)
        try storage.write("object", [1, 1, 1])
        let writer = try storage.create("object", durability: .atomic)
        try append([2], to: writer)
        #expect(try storage.read("object") == [1, 1, 1])
        try writer.finish()
        #expect(try storage.read("object") == [2])
    }

    @Test(arguments: StorageKind.allCases)
    func `an abandoned atomic object leaves nothing`(kind: StorageKind) throws {
        let storage = make(kind)
        try storage.write("dir/kept", [9])
        try abandon(storage, "dir/object")
        try abandon(storage, "dir/kept")
        #expect(try storage.list("dir").map(\.name) == ["kept"])
        #expect(try storage.read("dir/kept") == [9])
    }

    private func abandon(_ storage: any Storage, _ path: String) throws {
        let writer = try storage.create(path, durability: .atomic)
        try append([1, 2, 3], to: writer)
    }

    @Test(arguments: StorageKind.allCases)
    func `a bulk object has its own name at once and its content when finished`(kind: StorageKind) throws {
        let storage = make(kind)
        let scope = try storage.beginBulk(below: "backup/label")
        #expect(try storage.entry("backup/label")?.kind == .directory)
        let writer = try storage.create("backup/label/pg_data/base/1", durability: .bulk)
        #expect(try storage.entry("backup/label/pg_data/base/1")?.kind == .file)
        try append([1, 2], to: writer)
        try append([3], to: writer)
        try writer.finish()
        try scope.finish {
            ["backup/label", "backup/label/pg_data", "backup/label/pg_data/base", "backup/label/pg_data/base/1"]
        }
        #expect(try storage.read("backup/label/pg_data/base/1") == [1, 2, 3])
    }

    @Test(arguments: StorageKind.allCases)
    func `a bulk object replaces one of the same name, also with less`(kind: StorageKind) throws {
        let storage = make(kind)
        for content: [UInt8] in [[1, 2, 3, 4, 5], [6]] {
            let writer = try storage.create("object", durability: .bulk)
            try append(content, to: writer)
            try writer.finish()
        }
        #expect(try storage.read("object") == [6])
    }

    @Test(arguments: StorageKind.allCases, [0..<0, 0..<1, 3..<7, 9..<10, 0..<10, 10..<10] as [Range<UInt64>])
    func `a range gives exactly its bytes`(kind: StorageKind, range: Range<UInt64>) throws {
        let storage = make(kind)
        try storage.write("object", Array(0..<10))
        #expect(try read(storage, "object", range) == Array(UInt8(range.lowerBound)..<UInt8(range.upperBound)))
    }

    @Test(arguments: StorageKind.allCases, [0..<11, 9..<12, 10..<11, 20..<30, 1 << 63..<UInt64.max] as [Range<UInt64>])
    func `a range past the end is an error, not a short read`(kind: StorageKind, range: Range<UInt64>) throws {
        let storage = make(kind)
        try storage.write("object", Array(0..<10))
        #expect(failure { _ = try read(storage, "object", range) }?.code == .fileRead)
    }

    @Test(arguments: StorageKind.allCases)
    func `random ranges give what the whole object has there`(kind: StorageKind) throws {
        let storage = make(kind)
        var generator = SeededGenerator(seed: 11)
        let content = generator.bytes(300_000)
        try storage.write("object", content)
        for _ in 0..<50 {
            let bounds = [generator.next() % 300_001, generator.next() % 300_001].sorted()
            let range = bounds[0]..<bounds[1]
            #expect(try read(storage, "object", range) == Array(content[Int(bounds[0])..<Int(bounds[1])]))
        }
    }

    private func read(_ storage: any Storage, _ path: String, _ range: Range<UInt64>) throws -> [UInt8] {
        let reader = try storage.open(path, range: range)
        let chunk = Chunk(capacity: 4096)
        var content: [UInt8] = []
        var more = true
        while more {
            chunk.removeAll()
            more = try reader.read(into: chunk)
            content += chunk.bytes.array()
        }
        return content
    }

    @Test(arguments: StorageKind.allCases)
    func `opening what is not there says that it is missing, and names it`(kind: StorageKind) throws {
        let storage = make(kind)
        for range: Range<UInt64>? in [nil, 0..<4] {
            let error = failure { _ = try storage.open("no/object", range: range) }
            #expect(error?.code == .fileMissing)
            #expect(error?.message.contains(storage.displayPath("no/object")) == true)
        }
    }

    @Test(arguments: StorageKind.allCases)
    func `a list names direct children in byte order, with kind and size`(kind: StorageKind) throws {
        let storage = make(kind)
        for name in ["b", "a-b", "a.b", "B", "ä", "a/below", "Z/y/x"] { try storage.write("dir/\(name)", [1, 2, 3]) }
        let entries = try storage.list("dir")
        #expect(entries.map(\.name) == ["B", "Z", "a", "a-b", "a.b", "b", "ä"])
        #expect(entries.map(\.kind) == [.file, .directory, .directory, .file, .file, .file, .file])
        #expect(entries.map(\.size) == [3, 0, 0, 3, 3, 3, 3])
        #expect(try storage.names("dir") == entries.map(\.name))
        #expect(try storage.list("").map(\.name) == ["dir"])
    }

    @Test(arguments: StorageKind.allCases)
    func `a missing directory lists as empty`(kind: StorageKind) throws {
        let storage = make(kind)
        #expect(try storage.list("nothing/here").isEmpty)
        #expect(try storage.list("").isEmpty)
        #expect(try storage.names("nothing/here").isEmpty)
        #expect(try storage.names("").isEmpty)
    }

    @Test(arguments: StorageKind.allCases)
    func `names alone are those of files, directories and links`(kind: StorageKind) throws {
        let storage = make(kind)
        try storage.write("dir/file", [1])
        try storage.createDirectory("dir/below")
        try storage.createLink("dir/dangling", destination: "nowhere")
        #expect(try storage.names("dir") == ["below", "dangling", "file"])
        #expect(try storage.names("") == ["dir"])
    }

    @Test(arguments: StorageKind.allCases)
    func `an entry tells kind, name, size and time`(kind: StorageKind) throws {
        let storage = make(kind)
        let before = SystemClock().now().seconds
        try storage.write("dir/object", [1, 2, 3, 4])
        try storage.createLink("dir/link", destination: "object")
        let entry = try #require(try storage.entry("dir/object"))
        #expect(entry.name == "object")
        #expect(entry.kind == .file)
        #expect(entry.size == 4)
        #expect((before - 2...before + 60).contains(entry.modified))
        #expect(try storage.entry("dir")?.kind == .directory)
        #expect(try storage.entry("dir/link")?.kind == .link)
        #expect(try storage.entry("dir/none") == nil)
        #expect(try storage.exists("dir/object"))
        #expect(try !storage.exists("none/none"))
    }

    @Test(arguments: StorageKind.allCases)
    func `removing tells whether there was anything`(kind: StorageKind) throws {
        let storage = make(kind)
        try storage.write("dir/object", [1])
        #expect(try storage.remove("dir/object"))
        #expect(try !storage.remove("dir/object"))
        #expect(try !storage.remove("no/such"))
        #expect(try !storage.removeTree("no/such"))
        #expect(try storage.entry("dir/object") == nil)
    }

    @Test(arguments: StorageKind.allCases)
    func `a tree is removed whole and its neighbours stay`(kind: StorageKind) throws {
        let storage = make(kind)
        for path in ["dir/a/b/1", "dir/a/2", "dir/ab/3", "dir/a.4"] { try storage.write(path, [1]) }
        try storage.createLink("dir/a/link", destination: "../ab")
        try storage.createDirectory("dir/a/empty")
        #expect(try storage.removeTree("dir/a"))
        #expect(try storage.list("dir").map(\.name) == ["a.4", "ab"])
        #expect(try storage.read("dir/ab/3") == [1])
    }

    @Test(arguments: StorageKind.allCases)
    func `a link replaces one of the same name`(kind: StorageKind) throws {
        let storage = make(kind)
        try storage.createDirectory("dir")
        try storage.createLink("dir/latest", destination: "one")
        try storage.createLink("dir/latest", destination: "two")
        #expect(try storage.list("dir").map(\.kind) == [.link])
        #expect(try storage.list("dir").map(\.destination) == ["two"])
        #expect(try storage.entry("dir/latest")?.destination == "two")
        #expect(try storage.entry("dir")?.destination == nil)
        if kind == .posix { #expect(try FileSystem.linkDestination("\(directory.path)/dir/latest") == "two") }
        #expect(try storage.remove("dir/latest"))
    }

    @Test(arguments: StorageKind.allCases)
    func `a second name outlives the first, and replaces one that is there`(kind: StorageKind) throws {
        let storage = make(kind)
        guard storage.traits.contains(.hardLinks) else { return }
        try storage.write("one/object", [1, 2])
        try storage.write("other/dir/object", [3])
        try storage.createHardLink("other/dir/object", to: "one/object")
        try storage.createHardLink("new/object", to: "one/object")
        try storage.remove("one/object")
        #expect(try storage.read("other/dir/object") == [1, 2])
        #expect(try storage.read("new/object") == [1, 2])
        #expect(failure { try storage.createHardLink("new/other", to: "one/object") }?.code == .fileMissing)
    }

    @Test(arguments: StorageKind.allCases)
    func `making a directory twice is no error, and an empty one can be seen and synced`(kind: StorageKind) throws {
        let storage = make(kind)
        try storage.createDirectory("a/b/c")
        try storage.createDirectory("a/b/c")
        #expect(try storage.list("a/b").map(\.kind) == [.directory])
        #expect(try storage.list("a/b/c").isEmpty)
        try storage.syncDirectory("a/b/c")
        #expect(failure { try storage.syncDirectory("a/x") }?.code == .pathMissing)
    }

    @Test(arguments: StorageKind.allCases)
    func `reading more than a limit is refused`(kind: StorageKind) throws {
        let storage = make(kind)
        try storage.write("object", [UInt8](repeating: 1, count: 1000))
        #expect(failure { _ = try storage.read("object", limit: 999) }?.code == .fileRead)
        #expect(try storage.read("object", limit: 1000).count == 1000)
    }
}
