internal import RoostFormat
internal import RoostSystem

/// Checks the files of backups.
struct BackupVerify {
    private let repository: Repository
    private let workers: Int
    private let log: any Log

    init(_ repository: Repository, workers: Int, _ log: any Log) {
        self.repository = repository
        self.workers = workers
        self.log = log
    }

    /// What is wrong with the files of a backup that was looked at, by name in the manifest.
    private typealias Known = [BackupLabel: [String: VerifyResult.Fault]]

    /// - Parameter labels: By rising label, so that a backup comes after those it refers to.
    func run(_ labels: [BackupLabel], _ info: BackupInfo, _ result: inout VerifyResult) throws {
        let sources = VerifySources(repository, log)
        var known: Known = [:]
        for label in labels {
            var backup = VerifyResult.Backup(label: label)
            let mayBeUnderWay = label == labels.last && info[label] == nil
            switch try sources.manifest(label, passphrase: info.cipherPass, mayBeUnderWay: mayBeUnderWay) {
            case .unusable(let status):
                backup.status = status
                if status == .invalid { result.errorCount += 1 }
            case .manifest(let manifest):
                if let complaint = complaint(manifest, label, info) {
                    log.info(complaint)
                    backup.status = .invalid
                    result.errorCount += 1
                } else {
                    result.errorCount += try check(manifest, &known, &backup)
                }
            }
            result.backups.append(backup)
        }
    }

    /// Why the files of a manifest are not worth reading; nil if they are.
    private func complaint(_ manifest: Manifest, _ label: BackupLabel, _ info: BackupInfo) -> String? {
        let cluster = manifest.cluster
        guard info.history[cluster.historyID]?.identity == cluster.identity else {
            return "'\(label)' may not be recoverable - PG data (id \(cluster.historyID), version "
                + "\(cluster.identity.version), system-id \(cluster.identity.systemID)) is not in the backup.info history, "
                + "skipping"
        }
        guard manifest.label == label else {
            return "the manifest of backup '\(label)' is that of '\(manifest.label)', skipping"
        }
        guard manifest.files.count > 0 else {
            return "backup '\(label)' manifest does not contain any target files to verify"
        }
        return nil
    }

    /// - Returns: How many files were found faulty; those that were known to be are not counted again.
    private func check(_ manifest: Manifest, _ known: inout Known, _ backup: inout VerifyResult.Backup) throws -> Int {
        let files = manifest.files
        backup.counts.checked = files.count
        var unread: [Int32] = []
        for index in 0..<files.count {
            let file = files[index]
            guard file.reference != nil, let holder = known[manifest.holder(of: file)] else {
                unread.append(Int32(index))
                continue
            }
            let fault = holder.isEmpty ? nil : holder[files.name(at: index)]
            backup.counts.add(fault?.kind ?? .valid)
            if let fault { backup.faults.append(fault) }
        }
        let found = try read(unread, of: manifest, &backup)
        known[manifest.label] = found
        let faults = found.values.sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
        for fault in faults { log.tell(fault) }
        backup.faults += faults
        if !backup.faults.isEmpty { backup.status = .invalid }
        return faults.count
    }

    private func read(
        _ indexes: [Int32], of manifest: Manifest, _ backup: inout VerifyResult.Backup
    ) throws -> [String: VerifyResult.Fault] {
        let repository = repository
        let files = manifest.files
        var found: [String: VerifyResult.Fault] = [:]
        try runJobs(
            BackupVerify.jobs(indexes, of: manifest), workers: workers, makeState: { FileVerifier(repository) },
            perform: { verifier, job in
                try job.map { index in
                    (index, try verifier.check(files.name(at: Int(index)), files[Int(index)], of: manifest))
                }
            },
            collect: { findings in
                for (index, finding) in findings {
                    backup.counts.add(finding)
                    guard finding != .valid else { continue }
                    let name = files.name(at: Int(index))
                    found[name] = VerifyResult.Fault(file: place(of: name, files[Int(index)], manifest), kind: finding)
                }
            })
        return found
    }

    /// Small files go together, so that handing them out costs less than reading them.
    private static func jobs(_ indexes: [Int32], of manifest: Manifest) -> [[Int32]] {
        var jobs: [[Int32]] = []
        var job: [Int32] = []
        var size: UInt64 = 0
        for index in indexes {
            job.append(index)
            size = max(size, size &+ manifest.files[Int(index)].repoSize)
            guard size >= 1 << 20 || job.count >= 64 else { continue }
            jobs.append(job)
            (job, size) = ([], 0)
        }
        if !job.isEmpty { jobs.append(job) }
        return jobs
    }

    /// Where the data lies, below the stanza.
    private func place(of name: String, _ file: ManifestFile, _ manifest: Manifest) -> String {
        "\(manifest.holder(of: file))/\(manifest.storedPath(name, file) ?? name)"
    }
}
