package import RoostSystem

/// The timelines that lead to one: what its history file tells, and the way that recovery along it goes.
package struct TimelineHistory: Sendable, Hashable {
    /// A timeline that was left for the next one.
    package struct Ancestor: Sendable, Hashable {
        package var timeline: TimelineID
        /// Where it was left: its WAL counts only before this position.
        package var end: LSN

        package init(timeline: TimelineID, end: LSN) {
            self.timeline = timeline
            self.end = end
        }
    }

    package let timeline: TimelineID
    /// Oldest first; empty for a timeline that is followed from its own beginning on.
    package let ancestors: [Ancestor]

    package init(timeline: TimelineID, ancestors: [Ancestor] = []) {
        self.timeline = timeline
        self.ancestors = ancestors
    }

    /// Reads a history file: lines of timeline, TAB, position, TAB, reason; empty lines and those with `#` say nothing.
    ///
    /// - Parameter object: The file, for messages.
    /// - Throws: ``ErrorCode/format`` for any other line.
    package init(timeline: TimelineID, parsing text: String, object: String) throws(RoostError) {
        var ancestors: [Ancestor] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count >= 2, let number = UInt32(fields[0].filter { $0 != " " }),
                let end = LSN(String(fields[1]))
            else {
                throw RoostError(.format, "invalid timeline '\(timeline)' at '\(object)': '\(line)'")
            }
            ancestors.append(Ancestor(timeline: TimelineID(number), end: end))
        }
        self.init(timeline: timeline, ancestors: ancestors)
    }

    /// Whether a position of a timeline lies on the way.
    package func contains(_ other: TimelineID, _ lsn: LSN) -> Bool {
        other == timeline || ancestors.contains { $0.timeline == other && lsn < $0.end }
    }

    /// Whether a backup of a timeline lies on the way, from its start to its stop.
    ///
    /// Recovery needs the end of the backup in the WAL before it leaves the timeline.
    package func contains(_ other: TimelineID, from start: LSN, to stop: LSN) -> Bool {
        other == timeline || ancestors.contains { $0.timeline == other && start < $0.end && stop <= $0.end }
    }

    /// The positions at which the WAL of a timeline counts; nil if it is not on the way.
    package func range(of other: TimelineID) -> Range<LSN>? {
        let begin = { (place: Int) in place == 0 ? LSN(0) : ancestors[place - 1].end }
        if other == timeline { return begin(ancestors.count)..<LSN(.max) }
        guard let place = ancestors.firstIndex(where: { $0.timeline == other }) else { return nil }
        let start = begin(place)
        return start..<max(start, ancestors[place].end)
    }
}
