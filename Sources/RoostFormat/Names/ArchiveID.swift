/// The directory of one cluster generation in the archive: `15-1`, PostgreSQL version and history id.
package struct ArchiveID: Sendable, Hashable {
    package let version: String
    package let historyID: UInt32

    package init(version: String, historyID: UInt32) {
        self.version = version
        self.historyID = historyID
    }

    /// - Returns: Nil unless the text matches `^[0-9]+(\.[0-9]+)*-[0-9]+$` without leading zeros in the id: the value must
    ///   name the directory that it was read from.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = UInt32(parts[1]), String(id) == parts[1] else {
            return nil
        }
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        self.init(version: String(parts[0]), historyID: id)
    }
}

extension ArchiveID: Comparable, CustomStringConvertible {
    /// By history id, the order in which the generations came.
    package static func < (left: ArchiveID, right: ArchiveID) -> Bool { left.historyID < right.historyID }

    package var description: String { "\(version)-\(historyID)" }
}
