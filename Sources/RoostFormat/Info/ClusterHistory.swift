package import RoostPostgres
package import RoostSystem

/// What identifies one generation of a cluster: it changes with `initdb` and `pg_upgrade`.
package struct ClusterIdentity: Sendable, Hashable {
    package var systemID: SystemID
    /// `15`, `9.6`.
    package var version: String

    package init(systemID: SystemID, version: String) {
        self.systemID = systemID
        self.version = version
    }
}

/// The generations of a stanza's cluster, oldest first, with the current one marked.
package struct ClusterHistory<Entry: Sendable & Hashable>: Sendable, Hashable {
    package struct Generation: Sendable, Hashable {
        package var id: UInt32
        package var entry: Entry

        package init(id: UInt32, entry: Entry) {
            self.id = id
            self.entry = entry
        }
    }

    /// By rising id, never empty.
    package private(set) var generations: [Generation]
    package private(set) var currentID: UInt32

    package init(first entry: Entry) {
        generations = [Generation(id: 1, entry: entry)]
        currentID = 1
    }

    /// - Throws: ``ErrorCode/format`` if there is none or the current id is not among them.
    package init(_ generations: [Generation], currentID: UInt32, object: String) throws(RoostError) {
        self.generations = generations.sorted { $0.id < $1.id }
        self.currentID = currentID
        guard !generations.isEmpty else { throw RoostError(.format, "no history found in '\(object)'") }
        guard generations.contains(where: { $0.id == currentID }) else {
            throw RoostError(.format, "current id \(currentID) is not in the history of '\(object)'")
        }
    }

    /// Adds a generation behind the others and makes it the current one.
    ///
    /// - Throws: ``ErrorCode/format`` if no id is left.
    package mutating func append(_ entry: Entry) throws(RoostError) {
        let newest = generations.last?.id ?? 0
        guard newest < .max else { throw RoostError(.format, "the history has no id left after \(newest)") }
        generations.append(Generation(id: newest + 1, entry: entry))
        currentID = newest + 1
    }

    package var current: Entry {
        guard let found = generations.last(where: { $0.id == currentID }) else {
            preconditionFailure("the current id is in the history: checked when it was made")
        }
        return found.entry
    }

    package subscript(id: UInt32) -> Entry? { generations.first { $0.id == id }?.entry }
}
