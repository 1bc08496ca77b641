internal import RoostSystem

/// What an installation has to do: a pure comparison of what is wanted, what is there and what an earlier one has put there.
struct InstallPlan {
    enum Action: Equatable {
        /// It is as wanted, and was put there by us.
        case keep
        /// It is as wanted, and was there before us.
        case leave
        case put
    }

    /// What is at a path.
    enum State: Equatable {
        case nothing
        /// With its SHA-1.
        case file(String)
        case link(String)
        case other
    }

    /// For each wanted item, in their order.
    private(set) var actions: [Action] = []
    /// What an earlier installation has put and this one does not want.
    private(set) var obsolete: [InstallManifest.Entry] = []

    /// - Parameter state: Tells what is at a path.
    /// - Throws: ``AdminRefusal/Reason/configuration`` with every path where something is that we did not put there.
    init(
        _ items: [InstalledItem], _ manifest: InstallManifest, _ state: (String) throws -> State
    ) throws {
        var foreign: [String] = []
        for item in items {
            let found = try state(item.path)
            let entry = manifest[item.path]
            if found == Self.state(of: item.content) {
                actions.append(entry == nil ? .leave : .keep)
            } else if found == .nothing
                || entry.map({ Self.matches($0, found, former: manifest.former[$0.path]) }) == true
            {
                actions.append(.put)
            } else {
                foreign.append(item.path)
            }
        }
        guard foreign.isEmpty else {
            throw AdminRefusal(
                .configuration,
                "not put there, or changed since, and so not replaced: \(foreign.map { "'\($0)'" }.joined(separator: ", "))",
                hints: ["move it away, or choose another --prefix"])
        }
        let wanted = Set(items.map(\.path))
        obsolete = manifest.entries.filter { [.file, .link].contains($0.kind) && !wanted.contains($0.path) }
    }

    static func state(of content: InstalledItem.Content) -> State {
        switch content {
        case .file(let bytes, _): .file("\(SHA1.hash(bytes.span.bytes))")
        case .link(let destination): .link(destination)
        }
    }

    /// Whether what is there is what was put there.
    ///
    /// - Parameter former: The mark of what an interrupted installation was about to replace.
    static func matches(_ entry: InstallManifest.Entry, _ state: State, former: String?) -> Bool {
        switch (entry.kind, state) {
        case (.file, .file(let mark)), (.link, .link(let mark)): mark == entry.mark || mark == former
        default: false
        }
    }
}
