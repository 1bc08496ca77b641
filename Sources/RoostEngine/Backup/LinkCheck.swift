internal import RoostFormat
internal import RoostSystem

/// Whether the links of a cluster can be backed up or restored without one overwriting what another points to.
struct LinkCheck {
    let dataDirectory: String

    /// - Throws: ``ErrorCode/linkDestination`` for a link into the data directory, or two that share or contain each other's
    ///   destination.
    func check(_ targets: [String: Manifest.Target]) throws(RoostError) {
        let links = targets.filter { $0.value.kind == .link }
            .map { (name: $0.key, isFile: $0.value.file != nil, path: absolute($0.key, $0.value)) }
            .sorted { $0.name < $1.name }
        for link in links {
            guard !contains(dataDirectory, link.path) else {
                throw RoostError(
                    .linkDestination, "link '\(link.name)' destination '\(link.path)' is in PGDATA '\(dataDirectory)'")
            }
            for other in links where other.name < link.name {
                guard link.isFile == other.isFile else { continue }
                let conflict =
                    link.isFile
                    ? link.path == other.path : contains(link.path, other.path) || contains(other.path, link.path)
                guard !conflict else {
                    throw RoostError(
                        .linkDestination,
                        "link '\(link.name)' (\(link.path)) and link '\(other.name)' (\(other.path)) point to the same place"
                    )
                }
            }
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
