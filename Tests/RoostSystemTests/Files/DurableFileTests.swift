import Glibc
import RoostSystem
import RoostTesting
import Testing

@Suite struct DurableFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func names() throws -> [String] { try FileSystem.list(directory.path) }

    @Test func `the content gets its name at the end, with the mode asked for`() throws {
        let path = directory.path("a.info")
        CurrentProcess.setUmask(0o022)
        var file = try DurableFile(path, mode: 0o640)
        try file.write("one".utf8.span.bytes)
        try file.write("two".utf8.span.bytes)
        #expect(try names() == ["a.info.pgbackrest.tmp"])
        try file.finish()
        #expect(try names() == ["a.info"])
        #expect(try directory.content("a.info") == "onetwo")
        #expect(try FileStatus.of(path)?.mode == 0o640)
    }

    @Test func `an abandoned file leaves the old content and no temporary name`() throws {
        try directory.file("a", "old")
        do {
            var file = try DurableFile(directory.path("a"))
            try file.write("new".utf8.span.bytes)
        }
        #expect(try names() == ["a"])
        #expect(try directory.content("a") == "old")
    }

    @Test func `a leftover temporary file is written over`() throws {
        try directory.file("a.pgbackrest.tmp", "a long leftover")
        try DurableFile.write(directory.path("a"), Array("new".utf8))
        #expect(try names() == ["a"])
        #expect(try directory.content("a") == "new")
    }

    @Test func `missing directories are made`() throws {
        try DurableFile.write(directory.path("x/y/z"), [])
        #expect(try directory.content("x/y/z") == "")
        #expect(try FileStatus.of(directory.path("x/y"))?.mode == 0o750)
    }

    @Test func `what cannot be replaced is an error and leaves no temporary name`() throws {
        try FileSystem.createDirectory(directory.path("a/b"))
        #expect(code { try DurableFile.write(directory.path("a"), [1]) } == .fileMove)
        #expect(try names() == ["a"])
    }

    #if DEBUG
        /// Fault plans are read when a process starts, hence the processes.
        private func content(afterWritingUnder fault: String) async throws -> (String, [String]) {
            try directory.file("a", "old")
            let path = directory.path("a")
            await #expect(processExitsWith: .failure) { [fault, path = path as String] in
                setenv("ROOST_FAULT", fault, 1)
                exitWithStatus { try DurableFile.write(path, Array("new".utf8)) }
            }
            return (try directory.content("a"), try names())
        }

        @Test(arguments: [
            ("write:1:ENOSPC", "old"), ("fsync:1:EIO", "old"), ("close:1:EDQUOT", "old"), ("rename:1:EIO", "old"),
            ("fsync:2:EIO", "new"), ("open:1:EACCES", "old"),
        ])
        func `after a failed step there is the old or the new content, never a mix`(fault: String, left: String)
            async throws
        {
            let (content, names) = try await content(afterWritingUnder: fault)
            #expect(content == left)
            #expect(names == ["a"])
        }

        @Test func `short writes and reads are gone on with`() async throws {
            try directory.file("a", "old")
            let path = directory.path("a")
            await #expect(processExitsWith: .success) { [path = path as String] in
                setenv("ROOST_FAULT", "read,write:*:short", 1)
                exitWithStatus {
                    let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 256) }
                    try DurableFile.write(path, content)
                    guard try FileSystem.read(path) == content else { throw RoostError(.fileRead, "not the same") }
                }
            }
            #expect(try FileStatus.of(path)?.size == 100_000)
        }

        @Test(arguments: [("fsync:1:kill", "old"), ("rename:1:kill", "old"), ("fsync:2:kill", "new")])
        func `after a kill there is the old or the new content, never a mix`(fault: String, left: String) async throws {
            let (content, names) = try await content(afterWritingUnder: fault)
            #expect(content == left)
            #expect(names.contains("a.pgbackrest.tmp") == (left == "old"))
        }
    #endif

    @Test(arguments: [("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/c", "a/b", "c"), ("/a/", "/a", "")])
    func `a path has a directory and a last part`(path: String, directory: String, last: String) {
        #expect(directoryPart(of: path) == directory)
        #expect(lastPart(of: path) == last)
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? { RoostSystemTests.code(of: body) }
}
