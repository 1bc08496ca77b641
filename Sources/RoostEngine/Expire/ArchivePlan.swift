internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// What goes of the archive of one cluster generation, decided before anything is removed.
struct ArchivePlan: Equatable {
    enum Step: Equatable {
        /// A directory of segments none of which is kept.
        case removeDirectory(String)
        /// `0000000100000000/000000010000000000000004-...`, below the archive id.
        case removeFile(String)
        /// A run of removed WAL ends.
        case tell(first: String, last: String)
    }

    private(set) var steps: [Step] = []
    /// Names of timeline history files.
    private(set) var historyFiles: [String] = []
    private var run: (first: String, last: String)?

    static func == (left: ArchivePlan, right: ArchivePlan) -> Bool {
        left.steps == right.steps && left.historyFiles == right.historyFiles
    }

    /// - Parameter root: The directory of the archive id.
    init(_ kept: KeptWAL, in root: String, _ storage: any Storage) throws(RoostError) {
        let names = try storage.names(root)
        for name in names where ArchiveDirectory.isSegmentDirectory(name) {
            guard kept.keeps(directory: name) else {
                add(name)
                steps.append(.removeDirectory(name))
                continue
            }
            // What is newer than the directory of the start is kept as a whole.
            guard name <= kept.start.directory else { continue }
            for file in try storage.names("\(root)/\(name)") {
                guard let segment = WALSegmentName(file.prefix(24)) else { continue }
                if kept.keeps(segment) {
                    endRun()
                } else {
                    add(segment.description)
                    steps.append(.removeFile("\(name)/\(file)"))
                }
            }
        }
        endRun()
        guard let lowest = kept.lowestTimeline else { return }
        historyFiles = names.filter { name in
            name.hasSuffix(".history") && TimelineID(name.dropLast(8)).map { $0 < lowest } ?? false
        }
    }

    private mutating func add(_ name: String) { run = (run?.first ?? name, name) }

    private mutating func endRun() {
        guard let run else { return }
        steps.append(.tell(first: run.first, last: run.last))
        self.run = nil
    }
}
