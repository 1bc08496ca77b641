internal import RoostFormat
internal import RoostPostgres
package import RoostSystem

/// Gives up WAL because the queue has grown past its limit: the disk would fill up and the server stop.
///
/// The record of the gap is durable, in the repository or, while that is away, beside the cluster, before the caller acknowledges
/// the files. A small file, a timeline history for one, is not given up: it is archived, or kept until it can be.
struct QueueDrop {
    /// The archive id of a gap that was found while nobody could say what it is.
    private static let unknownHistoryID: UInt32 = 0

    let pending: PendingGaps
    let cluster: ClusterIdentity
    let limit: UInt64
    let segmentSize: UInt64
    let repository: Repository
    let context: CommandContext

    /// - Parameters:
    ///   - paths: Of the files.
    ///   - info: Nil while the repository is away.
    /// - Throws: If neither the repository nor a disk beside the cluster can hold the record.
    func run(_ paths: [String], _ info: ArchiveInfo?) throws(RoostError) {
        let segments = paths.map { lastPart(of: $0) }.filter(ReadyList.isSegment).compactMap {
            WALSegmentName(String($0.prefix(24)))
        }
        let files = paths.filter { !ReadyList.isSegment(lastPart(of: $0)) }
        let id = info?.currentArchiveID ?? ArchiveID(version: cluster.version, historyID: Self.unknownHistoryID)
        guard let size = UInt32(exactly: segmentSize) else {
            throw RoostError(.format, "WAL segments of \(segmentSize) bytes are larger than PostgreSQL makes them")
        }
        try WALSegmentSize.check(size)
        let gaps = ArchiveGap.runs(
            segments, archiveID: id, segmentSize: size, time: context.clock.now().seconds,
            reason: "archive queue exceeded \(ByteCount(limit))")
        if let info, try record(gaps, files, info) { return }
        try pending.add(gaps, files: files, of: cluster, context.log)
        context.log.warn("the gap in the archive is not recorded in \(repository.name) yet, it will be")
    }

    /// - Returns: False if the repository failed.
    private func record(
        _ gaps: [ArchiveGap], _ files: [String], _ info: ArchiveInfo
    ) throws(RoostError) -> Bool {
        do throws(RoostError) {
            for path in files {
                let file = try WALFileName(lastPart(of: path))
                try ArchivePush.copy(file, from: path, info: info, repository: repository)
            }
            try ArchiveGaps.record(gaps, in: repository)
            return true
        } catch {
            if error.isFatal { throw error }
            context.log.warn("unable to record in \(repository.name) what is dropped: \(error)")
            return false
        }
    }
}

extension ArchivePush {
    /// Gives up one file if more WAL waits than may.
    ///
    /// - Returns: Whether the file was given up.
    package static func dropIfQueueExceeds(
        _ limit: UInt64, _ settings: ArchivePushSettings, repository: Repository, context: CommandContext
    ) throws(RoostError) -> Bool {
        let directory = directoryPart(of: settings.walPath)
        let ready = ReadyList(walDirectory: directory)
        let names = try ready.names()
        guard try ready.exceeds(limit, names) else { return false }
        var info: ArchiveInfo?
        do throws(RoostError) {
            info = try loadInfo(settings.cluster, repository)
        } catch {
            if error.isFatal { throw error }
            context.log.warn("\(error)")
        }
        let known = settings.cluster ?? info?.history.current
        let cluster = if let known { known } else { try ready.cluster(names) }
        let drop = QueueDrop(
            pending: PendingGaps(walDirectory: directory), cluster: cluster, limit: limit,
            segmentSize: try ready.segmentSize(names) ?? 0, repository: repository, context: context)
        try drop.run([settings.walPath], info)
        let name = lastPart(of: settings.walPath)
        if ReadyList.isSegment(name) { context.log.warn(SpoolMessage.dropped(name, limit: limit).text) }
        return true
    }
}
