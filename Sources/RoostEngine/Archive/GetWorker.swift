package import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// The background part of `archive-get`: fetches segments into the queue of the spool, ahead of recovery.
///
/// One at a time for a stanza; the caller holds the lock. A segment gets its name in the queue when all of it is there.
/// Nothing is synced: after a crash of the machine the queue is not believed (`SpoolWitness`).
package struct GetWorker {
    private let cluster: ClusterIdentity
    private let workers: Int
    private let spool: ArchiveSpool
    private let repository: Repository
    private let context: CommandContext

    /// - Parameter workers: At least 1.
    package init(
        cluster: ClusterIdentity, workers: Int, spool: ArchiveSpool, repository: Repository, context: CommandContext
    ) {
        self.cluster = cluster
        self.workers = workers
        self.spool = spool
        self.repository = repository
        self.context = context
    }

    private struct Job: Sendable {
        var name: String
        var matches: [ReadableArchive.Match]
    }

    private enum Result: Sendable { case fetched(String, ReadableArchive.Delivery), failed(String, RoostError) }

    /// - Parameter segments: In the order in which recovery will ask for them.
    /// - Throws: What concerns no segment alone, after leaving word of it in the spool.
    package func run(_ segments: [String]) throws {
        do {
            guard let first = segments.first, let last = segments.last else {
                throw RoostError(.paramInvalid, "at least one wal segment is required")
            }
            let range = segments.count == 1 ? first : "\(first)...\(last)"
            context.log.info("get \(segments.count) WAL file(s) from archive: \(range)")
            try fetch(segments)
        } catch {
            try spool.writeFailure(nil, .get, RoostError.wrapping(error))
            throw error
        }
    }

    private func fetch(_ segments: [String]) throws {
        var archive = try ReadableArchive(cluster, repository)
        var jobs: [Job] = []
        var failure: RoostError?
        for name in segments {
            do throws(RoostError) {
                let matches = try archive.find(try WALFileName(name))
                if matches.isEmpty { break }
                jobs.append(Job(name: name, matches: matches))
            } catch {
                if error.isFatal { throw error }
                failure = error
                break
            }
        }
        try fetch(jobs, archive)
        guard jobs.count < segments.count else { return }
        // Last of all, so that the foreground may at once have it searched for again.
        let stop = segments[jobs.count]
        if let failure {
            context.log.warn("[\(failure.code.name)] \(failure)")
            try spool.writeFailure(stop, .get, failure)
        } else {
            context.log.detail("unable to find \(stop) in the archive")
            try spool.writeOK(stop, .get, nil)
        }
    }

    private func fetch(_ jobs: [Job], _ archive: ReadableArchive) throws {
        let spool = spool
        try runJobs(
            jobs, workers: workers, makeState: { SegmentReader() },
            perform: { reader, job in
                let temporary = spool.file(job.name + DurableFile.temporarySuffix, .get)
                do throws(RoostError) {
                    let delivery = try archive.deliver(job.matches, of: job.name, to: temporary, reader)
                    if !delivery.warnings.isEmpty {
                        let text = delivery.warnings.joined(separator: "\n")
                        try spool.writeOK(job.name, .get, SpoolMessage(code: 0, text: text))
                    }
                    try FileSystem.move(temporary, to: spool.file(job.name, .get))
                    return Result.fetched(job.name, delivery)
                } catch {
                    // Left behind it would look as if it were still being fetched; the first failure is the one to tell.
                    _ = try? FileSystem.removeFile(temporary)
                    return .failed(job.name, error)
                }
            },
            collect: collect)
    }

    private func collect(_ result: Result) throws(RoostError) {
        switch result {
        case .fetched(let name, let delivery):
            for warning in delivery.warnings { context.log.warn(warning) }
            context.log.detail("found \(name) in the \(repository.name): \(delivery.id) archive")
        case .failed(let name, let error):
            context.log.warn("[\(error.code.name)] \(error)")
            try spool.writeFailure(name, .get, error)
            if error.isFatal { throw error }
        }
    }
}
