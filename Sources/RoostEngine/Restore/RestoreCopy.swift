internal import RoostFormat
internal import RoostStorage
internal import RoostSystem

/// Copies the files of a restore with several workers.
struct RestoreCopy {
    private let settings: RestoreSettings
    private let repository: Repository
    private let manifest: Manifest
    private let target: RestoreTarget
    private let context: CommandContext
    private let lock: StanzaLock
    private let progress: (Progress) -> Void

    init(
        _ settings: RestoreSettings, _ repository: Repository, _ manifest: Manifest, _ target: RestoreTarget,
        _ context: CommandContext, _ lock: StanzaLock, _ progress: @escaping (Progress) -> Void
    ) {
        self.settings = settings
        self.repository = repository
        self.manifest = manifest
        self.target = target
        self.context = context
        self.lock = lock
        self.progress = progress
    }

    /// - Returns: Bytes that were kept because they were there.
    func run() throws -> UInt64 {
        let files = manifest.files
        let zeroed = target.zeroed
        let jobs = Self.jobs(manifest, leavingOut: target.isLeftOut, zeroed: zeroed)
        var state = Progress(complete: 0, total: (0..<files.count).reduce(0) { $0 &+ files[$1].size })
        var kept: UInt64 = 0
        let worker = RestoreWorker.Settings(
            repository: repository, manifest: manifest, places: target.places, zeroed: zeroed, owners: target.owners,
            delta: target.delta, replaces: target.mayClear, trustsTimes: target.trustsTimes,
            retry: JobRetry(retries: settings.jobRetries, interval: settings.jobRetryInterval))
        try lock.report(size: state.total, complete: 0)
        try runJobs(
            jobs, workers: settings.workers, makeState: { try RestoreWorker(worker) },
            perform: { worker, job in (job, try worker.perform(job)) },
            collect: { job, keptFiles in
                for index in job.files {
                    state.complete &+= files[index].size
                    guard context.log.isEnabled(.detail) else { continue }
                    let note = keptFiles.contains(index) ? " - exists and matches backup" : ""
                    let kind = zeroed.contains(index) ? "zeroed file" : "file"
                    context.log.detail(
                        "restore \(kind) \(files.name(at: index)) (\(ByteCount(files[index].size)))\(note)")
                }
                kept += keptFiles.reduce(0) { $0 + files[$1].size }
                progress(state)
                try lock.report(size: state.total, complete: state.complete)
            })
        return kept
    }

    /// What one worker does at a time: one large file, or files that lie together in one bundle.
    struct Job: Sendable {
        /// Positions in the manifest, by rising offset in the bundle.
        var files: [Int]
    }

    /// Large files first, by falling size; then bundles; files without data last.
    static func jobs(
        _ manifest: Manifest, leavingOut isLeftOut: (String) -> Bool, zeroed: ZeroedFiles = ZeroedFiles()
    ) -> [Job] {
        struct BundleKey: Hashable { var reference: Int, id: UInt32 }
        let files = manifest.files
        var large: [Int] = []
        var empty: [Int] = []
        var bundles: [BundleKey: [Int]] = [:]
        for index in 0..<files.count {
            let file = files[index]
            let name = files.name(at: index)
            if isLeftOut(name) { continue }
            if file.size == 0 || zeroed.contains(index) {
                empty.append(index)
            } else if let bundle = file.bundle {
                bundles[BundleKey(reference: file.reference ?? .max, id: bundle.id), default: []].append(index)
            } else {
                large.append(index)
            }
        }
        large.sort { (files[$1].size, $0) < (files[$0].size, $1) }
        let bundleJobs = bundles.sorted { ($0.key.reference, $0.key.id) < ($1.key.reference, $1.key.id) }.map { group in
            Job(files: group.value.sorted { (files[$0].bundle?.offset ?? 0) < (files[$1].bundle?.offset ?? 0) })
        }
        let emptyJobs = stride(from: 0, to: empty.count, by: 1000).map {
            Job(files: Array(empty[$0..<min($0 + 1000, empty.count)]))
        }
        return batched(large, files).map { Job(files: $0) } + bundleJobs + emptyJobs
    }

    /// Files of less than 128 KiB that are not bundled go in groups, so that handing out jobs costs nothing beside them.
    private static func batched(_ sorted: [Int], _ files: ManifestFiles) -> [[Int]] {
        let firstSmall = sorted.firstIndex { files[$0].size < 128 << 10 } ?? sorted.count
        let small = sorted[firstSmall...].sorted()
        let groups = stride(from: 0, to: small.count, by: 64).map { Array(small[$0..<min($0 + 64, small.count)]) }
        return sorted[..<firstSmall].map { [$0] } + groups
    }
}
