import Glibc
import RoostSystem
import RoostTesting
import Testing

@Suite struct FileSystemTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `names are listed in byte order without dot entries`() throws {
        for name in ["b", "a", "B", "ab", "a-b", ".hidden", "ü", "10", "9"] { try directory.file(name, "") }
        try FileSystem.createDirectory(directory.path("a.d"))
        #expect(try FileSystem.list(directory.path) == [".hidden", "10", "9", "B", "a", "a-b", "a.d", "ab", "b", "ü"])
    }

    @Test func `a name that is not UTF-8 is an error that shows its bytes`() throws {
        let bytes = Array(directory.path("x\\").utf8) + [0xFC, 0x0A, 0]
        let descriptor = bytes.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { creat($0, 0o600) } ?? -1
        }
        #expect(descriptor >= 0)
        close(descriptor)
        #expect {
            _ = try FileSystem.list(directory.path)
        } throws: { error in
            guard let error = error as? RoostError, error.code == .format else { return false }
            return error.message
                == #"directory '\#(directory.path)' contains the name 'x\x5c\xfc\x0a', which is not valid UTF-8"#
        }
        bytes.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { bytes in _ = bytes.baseAddress.map { unlink($0) }
        }
    }

    @Test func `a missing directory and a file are told apart`() throws {
        #expect(code { _ = try FileSystem.list(directory.path("none")) } == .pathMissing)
        #expect(code { _ = try FileSystem.list(try directory.file("f", "")) } == .pathOpen)
    }

    @Test func `a tree goes with all that is in it, but never what a link in it points to`() throws {
        try FileSystem.createDirectory(directory.path("outside"))
        try directory.file("outside/kept", "kept")
        try FileSystem.createDirectory(directory.path("tree/a/b"))
        try directory.file("tree/a/file", "x")
        try FileSystem.link(directory.path("tree/directory"), to: "../outside")
        try FileSystem.link(directory.path("tree/a/file-link"), to: directory.path("outside/kept"))
        try FileSystem.link(directory.path("tree/dangling"), to: "nowhere")
        try FileSystem.removeTree(directory.path("tree"))
        #expect(try FileSystem.list(directory.path) == ["outside"])
        #expect(try directory.content("outside/kept") == "kept")
        #expect(code { try FileSystem.removeTree(directory.path("tree")) } == .pathMissing)
    }

    @Test func `a file is removed once`() throws {
        try directory.file("a", "")
        #expect(try FileSystem.removeFile(directory.path("a")))
        #expect(try !FileSystem.removeFile(directory.path("a")))
        try FileSystem.createDirectory(directory.path("d"))
        #expect(code { try FileSystem.removeFile(directory.path("d")) } == .fileRemove)
    }

    @Test func `directories are made with those above them`() throws {
        try FileSystem.createDirectory(directory.path("a/b/c"), mode: 0o700)
        #expect(try FileStatus.of(directory.path("a/b/c"))?.mode == 0o700)
        try FileSystem.createDirectory(directory.path("a/b/c"))
        try directory.file("file", "")
        #expect(code { try FileSystem.createDirectory(directory.path("file")) } == .pathCreate)
        #expect(code { try FileSystem.createDirectory(directory.path("file/below")) } == .pathCreate)
    }

    @Test func `a file is read whole up to a limit`() throws {
        let path = try directory.file("a", String(repeating: "x", count: 200_000))
        #expect(try FileSystem.read(path).count == 200_000)
        #expect(try FileSystem.read(path, limit: 200_000).count == 200_000)
        #expect(code { _ = try FileSystem.read(path, limit: 199_999) } == .fileRead)
        #expect(code { _ = try FileSystem.read(directory.path("none")) } == .fileMissing)
        #expect(code { _ = try FileSystem.read(directory.path) } == .fileRead)
    }

    @Test func `status is that of the name, or of what it points to`() throws {
        try directory.file("a", "12345")
        try FileSystem.link(directory.path("link"), to: "a")
        try FileSystem.setMode(directory.path("a"), 0o604)
        try FileSystem.setModified(directory.path("a"), 1_795_356_914)
        let file = try #require(try FileStatus.of(directory.path("a")))
        #expect(file.kind == .file)
        #expect(file.size == 5)
        #expect(file.mode == 0o604)
        #expect(file.modified == 1_795_356_914)
        #expect(file.owner == CurrentProcess.effectiveUser)
        #expect(try FileStatus.of(directory.path("link"))?.kind == .symbolicLink)
        #expect(try FileStatus.of(directory.path("link"), followingLinks: true) == file)
        #expect(try FileStatus.of(directory.path)?.kind == .directory)
        #expect(try FileStatus.of("/dev/null")?.kind == .special)
        #expect(try FileStatus.of(directory.path("none")) == nil)
        #expect(try FileStatus.of(directory.path("a/none")) == nil)
        #expect(try FileSystem.linkDestination(directory.path("link")) == "a")
    }

    @Test func `setting the time of a link leaves its destination alone`() throws {
        try directory.file("a", "")
        try FileSystem.setModified(directory.path("a"), 5)
        try FileSystem.link(directory.path("link"), to: "a")
        try FileSystem.setModified(directory.path("link"), 7)
        #expect(try FileStatus.of(directory.path("a"))?.modified == 5)
        #expect(try FileStatus.of(directory.path("link"))?.modified == 7)
    }

    @Test func `a chunk takes what fits and keeps what it is told to`() {
        let chunk = Chunk(capacity: 8)
        #expect(chunk.append("abcde".utf8.span.bytes) == 5)
        #expect(chunk.append("fghij".utf8.span.bytes) == 3)
        #expect(chunk.isFull && chunk.free == 0)
        #expect(chunk.append("k".utf8.span.bytes) == 0)
        #expect(chunk.bytes.array() == Array("abcdefgh".utf8))
        chunk.keepLast(3)
        #expect(chunk.bytes.array() == Array("fgh".utf8))
        chunk.keepLast(0)
        #expect(chunk.count == 0 && chunk.capacity == 8)
    }

    @Test func `a file is read in chunks, at offsets and from a position`() throws {
        let file = try OwnedDescriptor.read(try directory.file("a", "0123456789"))
        let chunk = Chunk(capacity: 4)
        #expect(try file.read(into: chunk))
        #expect(chunk.bytes.array() == Array("0123".utf8))
        chunk.removeAll()
        #expect(try file.read(into: chunk, limit: 2))
        #expect(chunk.bytes.array() == Array("45".utf8))
        try file.seek(to: 8)
        chunk.removeAll()
        #expect(try !file.read(into: chunk))
        #expect(chunk.bytes.array() == Array("89".utf8))
        var buffer = [UInt8](repeating: 0, count: 6)
        #expect(try buffer.withUnsafeMutableBytes { try file.read(at: 7, into: $0) } == 3)
        #expect(buffer == Array("789".utf8) + [0, 0, 0])
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? { RoostSystemTests.code(of: body) }
}

@Suite struct SyncScopeTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `each file is synced where the file system's own sync is not wanted`() throws {
        let scope = SyncScope(method: .fsync, threads: 2)
        try scope.watch(directory.path)
        let paths = try (0..<20).map { try directory.file("\($0)", "x") }
        var asked = 0
        try scope.finish {
            asked += 1
            return paths + [directory.path]
        }
        #expect(asked == 1)
    }

    @Test func `the list of files is not asked for where one call syncs them all`() throws {
        let scope = SyncScope(method: .syncfs)
        try scope.watch(directory.path)
        try directory.file("a", "x")
        var asked = 0
        try scope.finish {
            asked += 1
            return []
        }
        #expect(asked == 0)
    }

    @Test func `a file that cannot be synced fails the scope`() throws {
        let scope = SyncScope(method: .fsync)
        try scope.watch(directory.path)
        #expect(code(of: { try scope.finish { [directory.path("none")] } }) == .fileMissing)
        #expect(code(of: { try scope.watch(directory.path("none")) }) == .pathMissing)
    }

    @Test func `nothing watched is nothing to sync`() throws {
        try SyncScope(method: .fsync).finish { ["/none"] }
    }

    #if DEBUG
        @Test(arguments: [("syncfs:1:EIO", "syncfs"), ("fsync:1:EIO", "fsync"), ("fsync:3:EIO", "fsync")])
        func `a failed sync is reported`(fault: String, method: String) async throws {
            for name in ["a", "b", "c"] { try directory.file(name, "x") }
            let path = directory.path
            await #expect(processExitsWith: .exitCode(52)) { [fault, method, path = path as String] in
                setenv("ROOST_FAULT", fault, 1)
                exitWithStatus {
                    let scope = SyncScope(method: SyncScope.Method(rawValue: method) ?? .auto)
                    try scope.watch(path)
                    try scope.finish { ["a", "b", "c"].map { "\(path)/\($0)" } }
                }
            }
        }
    #endif
}
