internal import RoostFormat
internal import RoostSystem

/// Whether the links of a cluster can be backed up or restored without one overwriting what another points to.
struct LinkCheck {
    let dataDirectory: String

    private struct Link {
        var name: String
        var isFile: Bool
        var isTablespace: Bool
        /// Where it leads.
        var path: String
    }

    /// - Throws: ``ErrorCode/linkDestination`` for a link into the data directory or around it, or two that share or contain
    ///   each other's destination.
    func check(_ targets: [String: Manifest.Target]) throws(RoostError) {
        let links = targets.filter { $0.value.kind == .link }
            .map { name, target in
                Link(
                    name: name, isFile: target.file != nil, isTablespace: target.tablespaceID != nil,
                    path: absolute(name, target))
            }
            .sorted { $0.name < $1.name }
        for link in links {
            guard !contains(dataDirectory, link.path) else {
                throw RoostError(
                    .linkDestination, "link '\(link.name)' destination '\(link.path)' is in PGDATA '\(dataDirectory)'")
            }
            // Its walk would never end; a tablespace is safe, since only its own directory is entered.
            guard link.isFile || link.isTablespace || !contains(link.path, dataDirectory) else {
                throw RoostError(
                    .linkDestination,
                    "link '\(link.name)' destination '\(link.path)' contains PGDATA '\(dataDirectory)'")
            }
            for other in links where other.name < link.name {
                guard !conflict(link, other) else {
                    throw RoostError(
                        .linkDestination,
                        "link '\(link.name)' (\(link.path)) and link '\(other.name)' (\(other.path)) point to the same place"
                    )
                }
            }
        }
    }

    /// File links may lead into one directory, also into the one above a linked directory, but not into that itself.
    private func conflict(_ link: Link, _ other: Link) -> Bool {
        switch (link.isFile, other.isFile) {
        case (true, true): link.path == other.path
        case (true, false): directoryPart(of: link.path) == other.path
        case (false, true): link.path == directoryPart(of: other.path)
        case (false, false): contains(link.path, other.path) || contains(other.path, link.path)
        }
    }

    /// The destination of a link as an absolute path without `.` and `..`.
    func absolute(_ name: String, _ target: Manifest.Target) -> String {
        let destination = target.destination
        if destination.hasPrefix("/") { return normalized(destination) }
        let inside =
            name.hasPrefix("\(Manifest.tablespaces)/") ? name : String(name.dropFirst(Manifest.dataDirectory.count + 1))
        return normalized("\(directoryPart(of: "\(dataDirectory)/\(inside)"))/\(destination)")
    }

    private func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private func contains(_ directory: String, _ path: String) -> Bool {
        path == directory || path.hasPrefix(directory == "/" ? "/" : "\(directory)/")
    }
}
