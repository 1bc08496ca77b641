package import RoostFormat
package import RoostPostgres

/// What `verify` found.
package struct VerifyResult: Sendable, Equatable {
    /// Counts of one archive id or backup.
    package struct Counts: Sendable, Equatable {
        /// Also files that were not read: empty ones of bundles, duplicates of WAL.
        package var checked = 0
        package var valid = 0
        package var missing = 0
        package var checksumInvalid = 0
        package var sizeInvalid = 0
        package var other = 0

        package init() {}

        package var hasProblem: Bool { missing + checksumInvalid + sizeInvalid + other > 0 }
    }

    /// WAL without a gap, on one timeline.
    package struct WALRange: Sendable, Equatable {
        package var first: WALSegmentName
        package var last: WALSegmentName
    }

    package struct Archive: Sendable, Equatable {
        package var id: String
        package var counts = Counts()
        /// By rising name; between two of one timeline there is a gap.
        package var ranges: [WALRange] = []
        /// Segments that are stored twice or more; none of their files was read.
        package var duplicates: [WALSegmentName] = []
        package var faults: [Fault] = []
        /// False for a directory that no history knows.
        package var isKnown = true
    }

    package enum BackupStatus: String, Sendable {
        case valid, invalid, manifestMissing = "manifest missing", inProgress = "in-progress"
    }

    package struct Backup: Sendable, Equatable {
        package var label: BackupLabel
        package var status = BackupStatus.valid
        /// Whether `backup.info` has it.
        ///
        /// An expire that was cut short leaves others without manifest, and the next one removes them.
        package var isListed = true
        /// The archive has not all of the WAL from its start to its stop, without which it cannot be used.
        package var lacksWAL = false
        package var counts = Counts()
        package var faults: [Fault] = []

        var isDamaged: Bool {
            switch status {
            case .valid, .inProgress: lacksWAL
            case .manifestMissing: isListed
            case .invalid: true
            }
        }
    }

    /// One file that is not as it should be.
    package struct Fault: Sendable, Equatable {
        /// Below the stanza: `20261122-141514F/pg_data/base/5/1247.gz`.
        package var file: String
        package var kind: FileFinding
    }

    package var archives: [Archive] = []
    package var backups: [Backup] = []
    /// Why nothing could be checked, as lines of the report.
    package var obstacles: [String] = []
    /// What upstream counts as an error: not a missing WAL file, not a backup whose manifest is missing.
    package var errorCount = 0
    /// There is neither a backup nor an archive.
    package var isEmpty = false

    package init() {}

    /// As upstream judges.
    package var isOK: Bool { errorCount == 0 && obstacles.isEmpty }

    /// Whether anything that should be there is not, or is not as it was stored.
    package var isDamaged: Bool {
        !isOK || archives.contains { $0.counts.hasProblem }
            || backups.contains { $0.isDamaged }
    }
}

/// What is wrong with one file of a repository.
package enum FileFinding: Sendable, Equatable {
    case valid, missing, checksumInvalid, sizeInvalid
    /// It cannot be read; exit status and words of the error.
    case other(code: Int32, message: String)

    /// As logs and JSON name it.
    package var words: String {
        switch self {
        case .valid: "valid"
        case .missing: "file missing"
        case .checksumInvalid: "invalid checksum"
        case .sizeInvalid: "invalid size"
        case .other: "invalid result"
        }
    }
}

extension VerifyResult.Counts {
    mutating func add(_ finding: FileFinding) {
        switch finding {
        case .valid: valid += 1
        case .missing: missing += 1
        case .checksumInvalid: checksumInvalid += 1
        case .sizeInvalid: sizeInvalid += 1
        case .other: other += 1
        }
    }
}
