internal import RoostFormat
internal import RoostPostgres
package import RoostSystem

/// Gives up WAL because the queue has grown past its limit: the disk would fill up and the server stop.
///
/// The order of durable steps: the record of the gap beside the cluster; the record in the repository, if it can be reached;
/// only then the caller acknowledges the files. A small file, a timeline history for one, is not given up: it is archived, or
/// kept until it can be.
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
    func run(_ paths: [String], _ info: ArchiveInfo?) throws(RoostError) {
        let segments = paths.map { lastPart(of: $0) }.filter(ReadyList.isSegment).compactMap {
            WALSegmentName(String($0.prefix(24)))
        }
        let id = info?.currentArchiveID ?? ArchiveID(version: cluster.version, historyID: Self.unknownHistoryID)
        guard let size = UInt32(exactly: segmentSize) else {
            throw RoostError(.format, "WAL segments of \(segmentSize) bytes are larger than PostgreSQL makes them")
        }
        try WALSegmentSize.check(size)
        let gaps = ArchiveGap.runs(
            segments, archiveID: id, segmentSize: size, time: context.clock.now().seconds,
            reason: "archive queue exceeded \(ByteCount(limit))")
        try pending.add(gaps)
        for path in paths where !ReadyList.isSegment(lastPart(of: path)) { try pending.keep(path) }
        guard let info else { return tellKept(nil) }
        do throws(RoostError) {
            try Self.flush(pending, info, repository)
        } catch {
            if error.isFatal { throw error }
            tellKept(error)
        }
    }

    private func tellKept(_ error: RoostError?) {
        let why = error.map { ": \($0.message)" } ?? ""
        context.log.warn("the gap in the archive is not recorded in \(repository.name) yet, it will be\(why)")
    }

    /// Puts what waits for the repository into it.
    ///
    /// What cannot be put there now stays for the next time: it must not keep WAL from being archived, or dropped.
    static func flushIfPossible(
        _ pending: PendingGaps, _ info: ArchiveInfo, _ repository: Repository, _ log: any Log
    ) throws(RoostError) {
        do throws(RoostError) {
            try flush(pending, info, repository)
        } catch {
            if error.isFatal { throw error }
            log.warn("unable to record what was dropped in \(repository.name), it is kept: \(error)")
        }
    }

    /// Puts what waits for the repository into it.
    static func flush(_ pending: PendingGaps, _ info: ArchiveInfo, _ repository: Repository) throws(RoostError) {
        try pending.flush(to: repository) { gap in
            guard gap.archiveID.historyID == unknownHistoryID else { return gap }
            return ArchiveGap(
                archiveID: info.currentArchiveID, first: gap.first, last: gap.last, segmentSize: gap.segmentSize,
                time: gap.time, reason: gap.reason)
        } push: { path throws(RoostError) in
            let file = try WALFileName(lastPart(of: path))
            try ArchivePush.copy(file, from: path, info: info, repository: repository)
        }
    }
}

extension ArchivePush {
    /// Gives up one file if more WAL waits than may.
    ///
    /// - Parameter cluster: Of the data directory; without it that of the stanza.
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
        let cluster = settings.cluster ?? info?.history.current ?? ClusterIdentity(systemID: SystemID(0), version: "0")
        let drop = QueueDrop(
            pending: pending(walDirectory: directory), cluster: cluster, limit: limit,
            segmentSize: try ready.segmentSize(names) ?? 0, repository: repository, context: context)
        try drop.run([settings.walPath], info)
        let name = lastPart(of: settings.walPath)
        if ReadyList.isSegment(name) { context.log.warn(SpoolMessage.dropped(name, limit: limit).text) }
        return true
    }

    /// Without a spool, what waits for the repository waits beside the WAL: PostgreSQL leaves what it does not know there.
    static func pending(walDirectory: String) -> PendingGaps { PendingGaps(directory: "\(walDirectory)/roost.pending") }
}
