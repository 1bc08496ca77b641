import RoostFormat
import RoostPostgres
import RoostStorage
import RoostSystem

@testable import RoostEngine

/// A stanza in a real directory with a spool: asynchronous archiving with the worker in the same process.
final class SpoolBed {
    private let home: TemporaryDirectory
    let bed: Bed
    let spool: ArchiveSpool
    let repository: Repository
    var workers = 1
    var queueLimit: UInt64?
    var batchSize: UInt64 = 16 << 30
    var data: String { bed.data }
    var walDirectory: String { "\(bed.data)/pg_wal" }
    var log: CollectedLog { bed.log }
    var out: String { "\(bed.directory.path)/spool/archive/demo/out" }
    var repositoryPath: String { "\(home.path)/repo" }

    init(stanza: Bool = true) throws {
        home = try TemporaryDirectory()
        bed = try Bed(base: PosixStorage(root: "\(home.path)/repo"))
        try bed.writeCluster()
        if stanza { try bed.createStanza() }
        bed.log = CollectedLog()
        repository = bed.repository
        spool = ArchiveSpool(path: "\(bed.directory.path)/spool", stanza: "demo")
    }

    /// Has PostgreSQL finish a segment.
    func finish(_ name: String, _ bytes: [UInt8]? = nil) throws {
        try write("\(walDirectory)/\(name)", try bytes ?? Fixture.segment(fill: 1))
        try FileSystem.removeFile("\(walDirectory)/archive_status/\(name).done")
        try write("\(walDirectory)/archive_status/\(name).ready", [])
    }

    /// Has PostgreSQL take note that a file is archived.
    func acknowledge(_ name: String) throws {
        try FileSystem.move(
            "\(walDirectory)/archive_status/\(name).ready", to: "\(walDirectory)/archive_status/\(name).done")
    }

    func worker() throws -> PushWorker {
        var settings = PushWorker.Settings(
            walDirectory: walDirectory, dataDirectory: data, cluster: try Fixture.identity(), compression: .none,
            level: 0)
        settings.workers = workers
        settings.queueLimit = queueLimit
        settings.batchSize = batchSize
        return PushWorker(settings, spool: spool, repository: repository, context: bed.context)
    }

    func runWorker() throws {
        try spool.create(.push)
        try worker().run {}
    }

    var pending: PendingGaps { PendingGaps(walDirectory: walDirectory, spool: spool) }

    /// Where gaps wait of a cluster, the place in `pg_wal` first.
    func pendingPlaces() -> [String] {
        ["\(walDirectory)/roost.pending", "\(bed.directory.path)/spool/roost/demo/pending"]
    }

    /// Takes the repository away while something is done.
    func withoutRepository(_ body: () throws -> Void) throws {
        try FileSystem.move(repositoryPath, to: repositoryPath + ".away")
        try body()
        try FileSystem.move(repositoryPath + ".away", to: repositoryPath)
    }

    /// What others do right before this foreground tries to start a worker.
    var beforeStart: () throws -> Void = {}

    private func meetOthers() throws(RoostError) {
        do { try beforeStart() } catch { throw RoostError.wrapping(error) }
    }

    /// Pushes as PostgreSQL would have it done.
    ///
    /// - Parameter works: Whether a worker can be started; it works before the foreground looks again.
    func push(_ name: String, timeout: Int64 = 1, works: Bool = true) throws {
        let witness = try SpoolWitness(
            spool, .push, cluster: try Fixture.identity(), dataDirectory: data, repository: repository)
        let push = AsyncPush(
            .init(walPath: "\(walDirectory)/\(name)", timeout: timeout, workerLog: "/log"), spool: spool,
            witness: witness, context: bed.context,
            start: { prepare throws(RoostError) in
                try self.meetOthers()
                guard works, try !prepare().isEmpty else { return nil }
                self.starts += 1
                do { try self.worker().run {} } catch { self.log.warn("worker: \(error)") }
                return nil
            })
        try push.run()
    }
    private(set) var starts = 0

    /// What the archive has.
    func archived() throws -> [String] {
        try bed.objects(below: "archive/demo/15-1").map { String(lastPart(of: $0).prefix { $0 != "-" }) }
    }

    func gaps() throws -> [String] {
        try ArchiveGaps.load(repository).all.map { "\($0.first)-\($0.last)" }
    }
}

extension SpoolBed {
    func removeFromArchive(_ name: String) throws {
        for path in try bed.objects(below: "archive/demo/15-1") where path.contains(name) { try bed.remove(path) }
    }

    /// Gets as recovery would have it done.
    ///
    /// - Returns: What recovery finds; nil if the archive does not have it.
    func get(
        _ name: String, works: Bool = true, timeout: Int64 = 1, queueSize: UInt64 = 4 << 20, missingRetry: Bool = true
    ) throws -> [UInt8]? {
        let cluster = try Fixture.identity()
        let witness = try SpoolWitness(
            spool, .get, cluster: cluster, dataDirectory: data, repository: repository)
        let destination = "\(bed.directory.path)/RECOVERYXLOG"
        var settings = AsyncGet.Settings(
            segment: try segment(name), destination: destination, timeout: timeout, queueSize: queueSize,
            segmentSize: 1 << 20, workerLog: "/log")
        settings.missingRetry = missingRetry
        let found = try AsyncGet(
            settings, cluster: cluster, spool: spool, witness: witness, repository: repository, context: bed.context,
            start: { prepare throws(RoostError) in
                try self.meetOthers()
                guard works else { return nil }
                let segments = try prepare()
                guard !segments.isEmpty else { return nil }
                self.log.info("start \(segments.map { $0.suffix(2) }.joined(separator: " "))")
                do { try self.getWorker(cluster).run(segments) } catch { self.log.warn("worker: \(error)") }
                return nil
            }
        ).run()
        return found ? try FileSystem.read(destination) : nil
    }

    var fetched: String { "\(bed.directory.path)/spool/archive/demo/in" }

    private func getWorker(_ cluster: ClusterIdentity) -> GetWorker {
        GetWorker(cluster: cluster, workers: workers, spool: spool, repository: repository, context: bed.context)
    }
}
