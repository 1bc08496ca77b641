internal import RoostFormat
internal import RoostPostgres
internal import RoostStorage
internal import RoostSystem

/// Finds the timelines of an archive and how they follow from each other; reads each file at most once.
final class TimelineLookup {
    private let repository: Repository
    private var newest: [ArchiveID: TimelineID?] = [:]
    private var histories: [String: TimelineHistory] = [:]
    private var passphrase: String??

    init(_ repository: Repository) { self.repository = repository }

    /// The way that recovery goes from a backup of one timeline to the wanted one.
    ///
    /// - Parameters:
    ///   - wanted: `current`, `latest`, a number or `0x` hexadecimal.
    ///   - own: The timeline of the backup, which need not be on the way.
    /// - Throws: ``ErrorCode/dbMismatch`` if the wanted timeline is none; ``ErrorCode/fileMissing`` if the archive does not
    ///   know it.
    func history(to wanted: String, from own: TimelineID, in id: ArchiveID) throws(RoostError) -> TimelineHistory {
        let target: TimelineID
        switch wanted {
        case "current": target = own
        case "latest": target = max(try newest(in: id) ?? own, own)
        case let text:
            let number = text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
            guard let number else { throw RoostError(.dbMismatch, "invalid target timeline '\(text)'") }
            target = TimelineID(number)
        }
        return target == own ? TimelineHistory(timeline: own) : try history(of: target, in: id)
    }

    /// What the archive tells of a timeline.
    func history(of timeline: TimelineID, in id: ArchiveID) throws(RoostError) -> TimelineHistory {
        // The first timeline has no file: nothing came before it.
        if timeline.value == 1 { return TimelineHistory(timeline: timeline) }
        let path = "\(repository.paths.archive(id))/\(timeline).history"
        if let known = histories[path] { return known }
        let text = String(decoding: try repository.read(path, decrypting: try archivePassphrase()), as: UTF8.self)
        let history = try TimelineHistory(
            timeline: timeline, parsing: text, object: repository.storage.displayPath(path))
        histories[path] = history
        return history
    }

    /// The timelines that have a history file, rising.
    func timelines(in id: ArchiveID) throws(RoostError) -> [TimelineID] {
        try repository.storage.names(repository.paths.archive(id)).compactMap { name in
            name.hasSuffix(".history") ? TimelineID(String(name.dropLast(".history".utf8.count))) : nil
        }.sorted()
    }

    private func newest(in id: ArchiveID) throws(RoostError) -> TimelineID? {
        if let known = newest[id] { return known }
        let found = try timelines(in: id).last
        newest[id] = .some(found)
        return found
    }

    private func archivePassphrase() throws(RoostError) -> String? {
        if let known = passphrase { return known }
        let found = try repository.loadArchiveInfo().cipherPass
        passphrase = .some(found)
        return found
    }
}
