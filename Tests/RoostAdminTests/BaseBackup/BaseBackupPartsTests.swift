import RoostAdmin
import RoostSystem
import RoostTesting
import Testing

@Suite struct BaseBackupPartsTests {
    @Test(arguments: [
        (["172.17.0.2", "10.1.2.3"], "10.1.2.3"), (["172.17.0.2", "192.168.0.7"], "192.168.0.7"),
        (["172.17.0.2", "8.8.8.8"], "172.17.0.2"), ([], "host-1"),
    ])
    func `REQ-18 a private address is preferred, a name is the last resort`(addresses: [String], tag: String) {
        #expect(BaseBackupTag.ofHost(addresses: addresses, name: "host-1") == tag)
        #expect(BaseBackupTag.ofHost(addresses: [], name: "") == "localhost")
    }

    @Test(arguments: [
        ("pg-meta", "pg-meta"), ("a/b c", "a_b_c"), ("../x", ".._x"), ("größe\n", "gr__e_"), ("A.1_z", "A.1_z"),
    ])
    func `REQ-18 a tag is fit for a file name`(name: String, tag: String) {
        #expect(BaseBackupTag.cleaned(name) == tag)
    }

    @Test func `REQ-17 only base backups that are older by a whole minute go, and never a link or the new one`() throws
    {
        let directory = try TemporaryDirectory()
        let now: Int64 = 1_800_000_000
        func file(_ name: String, age: Int64) throws {
            try directory.file(name, "x")
            try FileSystem.setModified(directory.path(name), now - age)
        }
        try file("backup_old.tar.lz4", age: 121 * 60)
        try file("backup_new.tar.lz4", age: 100_000)
        try file("backup_limit.tar.lz4", age: 120 * 60 + 59)
        try file("backup_future.tar.lz4", age: -100_000)
        try file("one_time.tar.lz4", age: 100_000)
        try file("backup_other.tar.gz", age: 100_000)
        try FileSystem.link(directory.path("backup_link.tar.lz4"), to: directory.path("one_time.tar.lz4"))
        try FileSystem.createDirectory(directory.path("backup_dir.tar.lz4"))
        try file("backup_dir.tar.lz4/backup_deep.tar.lz4", age: 100_000)
        try FileSystem.setModified(directory.path("backup_dir.tar.lz4"), now - 100_000)
        let before = try FileSystem.list(directory.path)

        func remove(_ minutes: Int) throws -> [String] {
            try ObsoleteBaseBackups(directory: directory.path, keptMinutes: minutes)
                .remove(except: "backup_new.tar.lz4", now: now) { _ in }
        }
        #expect(try remove(.max) == [])
        #expect(try remove(120) == [directory.path("backup_old.tar.lz4")])
        #expect(try FileSystem.list(directory.path) == before.filter { $0 != "backup_old.tar.lz4" })
        #expect(try remove(0) == [directory.path("backup_limit.tar.lz4")])
        #expect(try FileSystem.list(directory.path("backup_dir.tar.lz4")) == ["backup_deep.tar.lz4"])
    }
}
