import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// Pushing with a spool: who acknowledges what, and when not (specification `archive`, sections 3, 4 and 8).
struct AsyncPushTests {
    private static let (one, two, three) = (
        "000000010000000000000001", "000000010000000000000002", "000000010000000000000003"
    )

    @Test(arguments: [1, 2])
    func `one start archives all that is ready, and the marks serve the next calls`(workers: Int) throws {
        let bed = try SpoolBed()
        bed.workers = workers
        for name in [Self.one, Self.two, "00000002.history"] { try bed.finish(name) }
        try bed.push("00000002.history")
        #expect(try Set(bed.archived()) == [Self.one, Self.two, "00000002.history"])
        #expect(try FileSystem.list(bed.out) == [Self.one, Self.two, "00000002.history"].map { $0 + ".ok" }.sorted())
        #expect(bed.log.contains("info: push 3 WAL file(s) to archive: \(Self.one)...00000002.history"))
        try bed.push(Self.one, works: false)
        try bed.push(Self.two, works: false)
        #expect(bed.starts == 1)
        #expect(bed.log.contains("info: pushed WAL file '\(Self.two)' to the archive asynchronously"))
    }

    @Test func `marks go when PostgreSQL has taken note`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one)
        try bed.push(Self.one)
        try bed.acknowledge(Self.one)
        try bed.finish(Self.two)
        try write("\(bed.out)/\(Self.two).error", Array("25\nold".utf8))
        try write("\(bed.out)/\(Self.two).ok.pgbackrest.tmp", [])
        try bed.push(Self.two)
        #expect(try FileSystem.list(bed.out) == [Self.two + ".ok"])
    }

    @Test func `a mark says all that was remarkable`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one)
        try bed.push(Self.one)
        // Both within one tick of the file system's clock, the first mark would do for the second wish.
        try FileSystem.setModified("\(bed.out)/\(Self.one).ok", 1_000_000)
        try bed.finish(Self.one)
        try bed.push(Self.one)
        #expect(
            bed.log.contains("warn: WAL file '\(Self.one)' already exists in the repo1 archive with the same checksum"))
        let lines = bed.log.lines.count
        try bed.push(Self.one, works: false)
        #expect(bed.log.lines[lines].contains("already exists in the repo1 archive with the same checksum"))
    }

    // MARK: Trap T6

    @Test func `a mark older than the wish acknowledges nothing`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one)
        try bed.push(Self.one)
        try bed.acknowledge(Self.one)
        // A restored server finishes another segment of that name.
        try FileSystem.setModified("\(bed.out)/\(Self.one).ok", 1_000_000)
        try bed.finish(Self.one, Fixture.segment(fill: 9))
        #expect(failure { try bed.push(Self.one, works: false) }?.code == .archiveTimeout)
        #expect(failure { try bed.push(Self.one) }?.code == .archiveDuplicate)
    }

    @Test func `the worker does not believe an old mark either`() throws {
        let bed = try SpoolBed()
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try bed.push(Self.one)
        try bed.removeFromArchive(Self.two)
        try FileSystem.setModified("\(bed.out)/\(Self.two).ok", 1_000_000)
        try bed.finish(Self.three)
        try bed.push(Self.three)
        #expect(try bed.archived() == [Self.one, Self.two, Self.three])
    }

    @Test func `marks without a witness acknowledge nothing`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one)
        try write("\(bed.out)/\(Self.one).ok", [])
        #expect(failure { try bed.push(Self.one, works: false) }?.code == .archiveTimeout)
        try write("\(bed.out)/\(Self.one).ok", [])
        try bed.push(Self.one)
        #expect(try bed.archived() == [Self.one])
    }

    enum Life: CaseIterable { case stanza, archive, cluster, directory, repository }

    @Test(arguments: Life.allCases)
    func `marks of another life acknowledge nothing`(life: Life) throws {
        let bed = try SpoolBed()
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try bed.push(Self.one)
        try bed.push(Self.two, works: false)
        func witness(_ cluster: ClusterIdentity, _ data: String, _ repository: Repository) throws -> Bool {
            try SpoolWitness(bed.spool, .push, cluster: cluster, dataDirectory: data, repository: repository)
                .isPresent()
        }
        let own = try Fixture.identity()
        #expect(try witness(own, bed.data, bed.repository))
        switch life {
        case .stanza:
            try FileSystem.removeTree("\(bed.repositoryPath)/archive")
            try FileSystem.removeTree("\(bed.repositoryPath)/backup")
            try bed.bed.createStanza()
        case .archive: try FileSystem.removeTree("\(bed.repositoryPath)/archive/demo/15-1")
        case .cluster: return #expect(try !witness(Fixture.identity("16"), bed.data, bed.repository))
        case .directory: return #expect(try !witness(own, "/elsewhere", bed.repository))
        case .repository:
            let other = PosixStorage(root: "/elsewhere")
            let repository = Repository(key: 1, storage: other, stanza: "demo", cipherPass: nil)
            return #expect(try !witness(own, bed.data, repository))
        }
        #expect(failure { try bed.push(Self.two, works: false) }?.code == .archiveTimeout)
        try bed.push(Self.two)
        #expect(try bed.archived() == [Self.one, Self.two])
    }

    @Test func `what is true stays true while the repository is away`() throws {
        let bed = try SpoolBed()
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try bed.push(Self.one)
        try FileSystem.move(bed.repositoryPath, to: bed.repositoryPath + ".away")
        try bed.push(Self.two, works: false)
        try bed.finish(Self.three)
        #expect(failure { try bed.push(Self.three) }?.code == .repoInvalid)
        try FileSystem.move(bed.repositoryPath + ".away", to: bed.repositoryPath)
        try bed.push(Self.three)
        #expect(try bed.archived() == [Self.one, Self.two, Self.three])
    }

    @Test func `a mark of another life that comes while somebody waits acknowledges nothing`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one)
        // The worker of a clone that shares the spool.
        bed.beforeStart = {
            try bed.spool.create(.push)
            try write("\(bed.out)/\(Self.one).ok", [])
        }
        #expect(failure { try bed.push(Self.one, works: false) }?.code == .archiveTimeout)
        #expect(try bed.archived().isEmpty)
        bed.beforeStart = {}
        try bed.push(Self.one)
        #expect(try bed.archived() == [Self.one])
    }

    @Test func `no worker is started for what another has just archived`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one)
        bed.beforeStart = { try bed.runWorker() }
        try bed.push(Self.one)
        #expect(bed.starts == 0)
        #expect(!bed.log.contains("no WAL files to process"))
    }

    @Test func `what is acknowledged meanwhile is not read`() throws {
        let bed = try SpoolBed()
        for name in [Self.one, Self.two] { try bed.finish(name) }
        let ready = "\(bed.walDirectory)/archive_status/\(Self.two).ready"
        bed.bed.storage.at(1, of: [.create], .call { _ = try? FileSystem.removeFile(ready) })
        try bed.push(Self.one)
        #expect(try bed.archived() == [Self.one])
        #expect(!bed.log.contains("warn:"))
    }

    @Test func `the directory of a segment is durable before the segment counts, and made so once`() throws {
        let bed = try SpoolBed()
        for name in [Self.one, Self.two] { try bed.finish(name) }
        try FileSystem.createDirectory("\(bed.repositoryPath)/archive/demo/15-1/0000000100000000")
        try bed.push(Self.one)
        let synced = bed.bed.storage.calls.filter { $0.operation == .syncDirectory }.map(\.path)
        #expect(synced == ["archive/demo/15-1", "archive/demo"])
    }

    // MARK: Failures

    @Test func `a failure is told with its status, the rest is left for the next run`() throws {
        let bed = try SpoolBed()
        try bed.finish(Self.one, Fixture.segment(fill: 1, version: "16"))
        try bed.finish(Self.two)
        let error = failure { try bed.push(Self.one) }
        #expect(error?.code == .archiveMismatch)
        #expect(
            bed.log.contains(
                "warn: stopped archive-push after an error, remaining WAL will be processed on the next run"))
        #expect(try bed.archived().isEmpty)
        try bed.finish(Self.one)
        try bed.push(Self.one)
        #expect(try bed.archived() == [Self.one, Self.two])
    }

    @Test(arguments: FailureMode.allCases)
    func `whatever fails in the repository, only what is archived is acknowledged, and the rest follows`(
        mode: FailureMode
    ) throws {
        let names = [Self.one, Self.two, "00000002.history"]
        let contents = [try Fixture.segment(fill: 1), try Fixture.segment(fill: 2), Array("1\t0/3000000\tx\n".utf8)]
        var bed = try SpoolBed()
        var acknowledged: [String] = []
        func push() throws {
            for name in names where !acknowledged.contains(name) {
                try bed.push(name)
                acknowledged.append(name)
            }
        }
        func expectArchived(_ wanted: [String]) throws {
            let target = "\(bed.bed.directory.path)/got"
            for (name, content) in zip(names, contents) where wanted.contains(name) {
                let found = try ArchiveGet.run(
                    name, destination: target, cluster: Fixture.identity(), repository: bed.repository,
                    context: bed.bed.context)
                #expect(try found && FileSystem.read(target) == content, "\(name) is acknowledged and not archived")
            }
        }
        let faults = try sweep(
            mode,
            prepare: {
                bed = try SpoolBed()
                acknowledged = []
                for (name, content) in zip(names, contents) { try bed.finish(name, content) }
                return bed.bed
            },
            run: { _ in try push() },
            check: { _, _ in
                let marks = try FileSystem.list(bed.out).filter { $0.hasSuffix(".ok") }.map { String($0.dropLast(3)) }
                try expectArchived(acknowledged + marks)
                try push()
                try expectArchived(names)
                #expect(try Set(bed.archived()) == Set(names), "half of one is left")
            })
        #expect(faults >= 13)
    }

    @Test func `nothing to do is a fault of the caller`() throws {
        let bed = try SpoolBed()
        #expect(failure { try bed.runWorker() }?.message == "no WAL files to process")
        #expect(
            try String(decoding: FileSystem.read("\(bed.out)/global.error"), as: UTF8.self)
                == "25\nno WAL files to process")
    }

    @Test func `a batch ends where the option says`() throws {
        let bed = try SpoolBed()
        bed.batchSize = 2 << 20
        for name in [Self.one, Self.two, Self.three] { try bed.finish(name) }
        try bed.push(Self.one)
        #expect(
            bed.log.lines.filter { $0.hasPrefix("info: push ") } == [
                "info: push 2 WAL file(s) to archive: \(Self.one)...\(Self.two)",
                "info: push 1 WAL file(s) to archive: \(Self.three)",
            ])
    }

    @Test(arguments: [
        ("", nil), ("0\nx\n", "x"),
        ("55\ngone", "WAL segment 'S' was not pushed due to error [55] and was manually skipped: gone"),
    ])
    func `status files are upstream's`(content: String, warning: String?) throws {
        #expect(try SpoolMessage(parsing: Array(content.utf8), file: "S.ok")?.warning(of: "S") == warning)
    }

    @Test(arguments: ["x", "0", "0\n", "x\ny", "-1\ny"])
    func `damaged status files are refused`(content: String) {
        #expect(failure { _ = try SpoolMessage(parsing: Array(content.utf8), file: "S.ok") }?.code == .format)
    }
}
