/// The text of a crontab with one block of ours for each cluster; everything else in it is the user's, and stays byte for byte.
package struct Crontab: Sendable, Equatable {
    /// What came before, between and after; `block` is set for those of ours.
    private struct Part: Equatable {
        var cluster: String?
        /// With their line ends; of a block what is between its marks.
        var text: String
    }

    private var parts: [Part] = []

    /// - Throws: ``AdminRefusal/Reason/configuration`` for a block that has no end: what belongs to it cannot be told.
    package init(parsing text: String) throws(AdminRefusal) {
        var current = Part(cluster: nil, text: "")
        // By scalars: a carriage return is part of its line, and stays.
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            if let cluster = Self.name(line, after: Self.begin) {
                guard current.cluster == nil else { throw Self.unended(current.cluster ?? "") }
                parts.append(current)
                current = Part(cluster: cluster, text: "")
            } else if let cluster = current.cluster, Self.name(line, after: Self.end) == cluster {
                parts.append(current)
                current = Part(cluster: nil, text: "")
            } else {
                current.text += line + "\n"
            }
        }
        guard current.cluster == nil else { throw Self.unended(current.cluster ?? "") }
        parts.append(current)
        parts.removeAll { $0.cluster == nil && $0.text.isEmpty }
    }

    private static let begin = "# BEGIN roost schedule "
    private static let end = "# END roost schedule "

    private static func name(_ line: String, after mark: String) -> String? {
        line.hasPrefix(mark) ? String(line.dropFirst(mark.count)) : nil
    }

    private static func unended(_ cluster: String) -> AdminRefusal {
        AdminRefusal(
            .configuration, "the crontab has a line '\(begin)\(cluster)' without its '\(end)\(cluster)'",
            hints: ["add the line, or remove both by hand"])
    }

    /// What is between the marks of a cluster, nil if there is no block of it.
    package func block(of cluster: String) -> String? { parts.last { $0.cluster == cluster }?.text }

    /// Sets the block of a cluster, or with nil takes it away.
    ///
    /// It stays where it is unless lines of the user follow, which would get the block's variables: then it goes to the end.
    package mutating func set(_ block: String?, of cluster: String) {
        let place = parts.lastIndex { $0.cluster == cluster }
        let isLast = place.map {
            parts[($0 + 1)...].allSatisfy { $0.cluster != nil || $0.text.allSatisfy(\.isWhitespace) }
        }
        if let block, let place, isLast == true {
            parts[place].text = block
            parts = parts.enumerated().filter { $0.offset == place || $0.element.cluster != cluster }.map(\.element)
            return
        }
        parts.removeAll { $0.cluster == cluster }
        if let block { parts.append(Part(cluster: cluster, text: block)) }
    }

    package var text: String {
        parts.reduce(into: "") { text, part in
            guard let cluster = part.cluster else { return text += part.text }
            text += "\(Self.begin)\(cluster)\n\(part.text)\(Self.end)\(cluster)\n"
        }
    }
}
