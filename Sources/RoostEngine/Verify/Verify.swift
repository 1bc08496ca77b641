internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem
internal import RoostTransform

/// What `verify` found.
package struct VerifyResult: Sendable, Equatable {
    /// Counts of one archive id or backup.
    package struct Counts: Sendable, Equatable {
        package var checked = 0
        package var valid = 0
        package var missing = 0
        package var checksumInvalid = 0
        package var sizeInvalid = 0
        package var other = 0

        package var hasProblem: Bool { missing + checksumInvalid + sizeInvalid + other > 0 }
    }

    package enum BackupStatus: String, Sendable {
        case valid, invalid, manifestMissing = "manifest missing", inProgress = "in-progress"
    }

    package var archives: [(id: String, counts: Counts)] = []
    package var backups: [(label: String, status: BackupStatus, counts: Counts)] = []
    /// Info files that cannot be used, and histories that disagree.
    package var errors: [String] = []

    package static func == (left: VerifyResult, right: VerifyResult) -> Bool {
        left.errors == right.errors && left.archives.elementsEqual(right.archives, by: ==)
            && left.backups.elementsEqual(right.backups, by: ==)
    }

    package var isOK: Bool {
        errors.isEmpty
            && archives.allSatisfy { $0.counts.checksumInvalid + $0.counts.sizeInvalid + $0.counts.other == 0 }
            && backups.allSatisfy { $0.status == .valid || $0.status == .inProgress }
    }
}

/// `verify`: reads everything in a repository and compares it with its checksums.
///
/// Changes nothing.
package struct Verify {
    private let repository: Repository
    private let workers: Int
    private let context: CommandContext

    package init(repository: Repository, workers: Int, context: CommandContext) {
        self.repository = repository
        self.workers = workers
        self.context = context
    }

    package func run() throws -> VerifyResult {
        var result = VerifyResult()
        var archive: ArchiveInfo?
        var backup: BackupInfo?
        do { archive = try repository.loadArchiveInfo() } catch {
            try note(error, "No usable archive.info file", &result)
        }
        do { backup = try repository.loadBackupInfo() } catch { try note(error, "No usable backup.info file", &result) }
        guard let archive, let backup else { return result }
        do {
            try InfoAgreement.histories(archive: archive, backup: backup, repository: repository)
        } catch {
            result.errors.append(error.message)
            return result
        }
        try verifyArchive(archive, &result)
        try verifyBackups(backup, &result)
        return result
    }

    private func note(_ error: any Error, _ line: String, _ result: inout VerifyResult) throws {
        let error = RoostError.wrapping(error)
        if error.isFatal { throw error }
        context.log.error(error)
        result.errors.append(line)
    }

    private func verifyArchive(_ archive: ArchiveInfo, _ result: inout VerifyResult) throws {
        let known = Set(
            archive.history.generations.map { ArchiveID(version: $0.entry.version, historyID: $0.id) })
        let ids = try repository.storage.names(repository.paths.archive).compactMap { ArchiveID($0) }.sorted()
        for id in ids {
            guard known.contains(id) else {
                result.errors.append("archive id '\(id)' is not in the history of archive.info")
                continue
            }
            var counts = VerifyResult.Counts()
            let files = try segments(id, &counts)
            let size = try files.first.map { try segmentSize($0, archive) }
            let repository = repository
            let expected = size ?? 0
            try runJobs(
                files, workers: workers, makeState: { FileVerifier(repository) },
                perform: { verifier, file in
                    let finding = try verifier.check(
                        file.path, range: nil, compression: file.segment.compression, passphrase: archive.cipherPass,
                        raw: false, checksum: file.segment.checksum, size: expected)
                    return (file.path, finding)
                },
                collect: { path, finding in add(finding, path, &counts) })
            result.archives.append((id.description, counts))
        }
    }

    private struct SegmentFile: Sendable {
        var path: String
        var segment: StoredSegment
    }

    /// The segments of an archive id; duplicates are told and left out.
    private func segments(_ id: ArchiveID, _ counts: inout VerifyResult.Counts) throws(RoostError) -> [SegmentFile] {
        var files: [SegmentFile] = []
        let root = repository.paths.archive(id)
        for directory in try repository.storage.list(root) where directory.kind == .directory {
            var previous: WALSegmentName?
            for name in try repository.storage.names("\(root)/\(directory.name)") {
                guard let segment = StoredSegment(fileName: name), !segment.isPartial else { continue }
                if previous == segment.segment {
                    context.log.info("duplicate WAL '\(segment.segment)' for '\(id)' exists, skipping")
                    if files.last?.segment.segment == segment.segment {
                        files.removeLast()
                        counts.other += 1
                        counts.checked += 1
                    }
                    continue
                }
                previous = segment.segment
                files.append(SegmentFile(path: "\(root)/\(directory.name)/\(name)", segment: segment))
            }
        }
        return files
    }

    private func segmentSize(_ file: SegmentFile, _ archive: ArchiveInfo) throws -> UInt64 {
        let header = Chunk(capacity: WALHeader.byteCount)
        let stages = try decryption(archive.cipherPass) + decompressing(file.segment.compression)
        do {
            try repository.stream(file.path, through: stages) { piece throws(RoostError) in _ = header.append(piece) }
            return UInt64(try WALHeader(parsing: header.bytes).segmentSize)
        } catch {
            if error.isFatal { throw error }
            return 16 << 20  // the file itself is reported when it is checked
        }
    }

    private func verifyBackups(_ info: BackupInfo, _ result: inout VerifyResult) throws {
        var known: [BackupLabel: [String: FileFinding]] = [:]
        let labels = try BackupReconciliation(repository, context.log).labels()
        for entry in info.backups where !labels.contains(entry.label) {
            context.log.warn("backup '\(entry.label)' is listed but its directory is missing")
        }
        for label in labels {
            var counts = VerifyResult.Counts()
            let manifest: Manifest
            do {
                manifest = try repository.loadManifest(label, passphrase: info.cipherPass)
            } catch {
                let error = RoostError.wrapping(error)
                if error.isFatal { throw error }
                let isPartial = try info[label] == nil && !repository.storage.exists(repository.paths.manifest(label))
                let status: VerifyResult.BackupStatus =
                    error.code == .fileMissing
                    ? (isPartial && label == labels.last ? .inProgress : .manifestMissing) : .invalid
                context.log.error(error)
                result.backups.append((label.text, status, counts))
                continue
            }
            if info[label] == nil, try !repository.storage.exists(repository.paths.manifest(label)),
                label == labels.last
            {
                result.backups.append((label.text, .inProgress, counts))
                continue
            }
            guard info.history[manifest.cluster.historyID]?.identity == manifest.cluster.identity else {
                context.log.info("backup '\(label)' is of a cluster that is not in the history of the stanza")
                result.backups.append((label.text, .invalid, counts))
                continue
            }
            try verify(manifest, &known, &counts)
            result.backups.append((label.text, counts.hasProblem ? .invalid : .valid, counts))
        }
    }

    /// - Parameter known: What is wrong with the files of the backups that were looked at before; a file that refers to one of them
    ///   is not read again.
    private func verify(
        _ manifest: Manifest, _ known: inout [BackupLabel: [String: FileFinding]], _ counts: inout VerifyResult.Counts
    ) throws {
        let repository = repository
        let files = manifest.files
        var faults: [String: FileFinding] = [:]
        var unread: [Int] = []
        for index in 0..<files.count {
            let file = files[index]
            if file.reference != nil, let holder = known[manifest.holder(of: file)] {
                let name = files.name(at: index)
                add(holder[name] ?? .valid, "\(repository.paths.label(manifest.label))/\(name)", &counts)
            } else {
                unread.append(index)
            }
        }
        try runJobs(
            unread, workers: workers, makeState: { FileVerifier(repository) },
            perform: { verifier, index in
                let name = files.name(at: index)
                return (name, try verifier.check(name, files[index], of: manifest))
            },
            collect: { name, finding in
                if case .valid = finding {} else { faults[name] = finding }
                add(finding, "\(repository.paths.label(manifest.label))/\(name)", &counts)
            })
        known[manifest.label] = faults
    }

    private func add(_ finding: FileFinding, _ path: String, _ counts: inout VerifyResult.Counts) {
        counts.checked += 1
        let shown = path.split(separator: "/").dropFirst(2).joined(separator: "/")
        switch finding {
        case .valid: counts.valid += 1
        case .missing:
            counts.missing += 1
            context.log.warn("file missing '\(shown)'")
        case .checksumInvalid:
            counts.checksumInvalid += 1
            context.log.info("invalid checksum '\(shown)'")
        case .sizeInvalid:
            counts.sizeInvalid += 1
            context.log.info("invalid size '\(shown)'")
        case .other(let error):
            counts.other += 1
            context.log.info("invalid result '\(shown)': [\(error.code.exitStatus)] \(error.message)")
        }
    }
}
