internal import RoostStorage
package import RoostSystem

/// A repository as a tree of files, for the commands that look at it as such.
package struct RepositoryTree {
    /// One object below the directory that is listed.
    package struct Item: Sendable, Equatable {
        package enum Kind: String, Sendable { case file, directory = "path", link, special }

        /// Relative to that directory; `.` for the object that was asked for itself.
        package var name: String
        package var kind: Kind
        /// In bytes; of files.
        package var size: UInt64 = 0
        /// Seconds; of files.
        package var modified: Int64 = 0
        /// Of links.
        package var destination: String?
    }

    package struct Listing {
        package enum Order: String, Sendable { case none, asc, desc }

        package var recurses = false
        package var order = Order.asc
        /// What names must match; directories are entered whether they do or not.
        package var filter: RegularExpression?
        /// Whether the directory itself is an item.
        package var includesRoot = false

        package init() {}
    }

    private let repository: Repository

    /// - Parameter repository: Its stanza does not matter.
    package init(_ repository: Repository) { self.repository = repository }

    /// A path as the user gives it, relative to the repository; empty for the repository itself.
    ///
    /// - Throws: ``ErrorCode/paramInvalid`` for a path that is not inside it.
    package func relativePath(_ text: String) throws(RoostError) -> String {
        guard !text.contains("//") else { throw RoostError(.paramInvalid, "path '\(text)' cannot contain //") }
        let root = repository.storage.displayPath("")
        let base = root.hasSuffix("/") ? root : root + "/"
        var path = text.utf8.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
        if path.hasPrefix("/") {
            if path == root { return "" }
            guard path.hasPrefix(base) else {
                throw RoostError(.paramInvalid, "absolute path '\(path)' is not in base path '\(root)'")
            }
            path = String(path.dropFirst(base.count))
        }
        guard !path.split(separator: "/").contains("..") else {
            throw RoostError(
                .paramInvalid, "path '\(text)' cannot contain ..", hints: ["give the path without detours"])
        }
        return path
    }

    /// Lists an object or what lies below a directory; what does not exist lists as an empty directory.
    ///
    /// - Parameter path: From ``relativePath(_:)``.
    package func list(_ path: String, _ listing: Listing, _ each: (Item) -> Void) throws(RoostError) {
        if let entry = try repository.storage.entry(path), entry.kind == .file {
            let isShown = listing.filter?.matches(repository.storage.displayPath(path)) ?? true
            if isShown { each(Item(".", entry)) }
            return
        }
        if listing.includesRoot, listing.filter?.matches(".") ?? true { each(Item(name: ".", kind: .directory)) }
        try list(path, below: "", listing, each)
    }

    private func list(
        _ path: String, below prefix: String, _ listing: Listing, _ each: (Item) -> Void
    ) throws(RoostError) {
        try Interrupt.check()
        let entries = try repository.storage.list(path)
        for entry in listing.order == .desc ? entries.reversed() : entries {
            let item = Item(prefix + entry.name, entry)
            let isShown = listing.filter?.matches(item.name) ?? true
            let isEntered = listing.recurses && entry.kind == .directory
            if isShown, !isEntered || listing.order != .desc { each(item) }
            guard isEntered else { continue }
            try list(path.isEmpty ? entry.name : "\(path)/\(entry.name)", below: "\(item.name)/", listing, each)
            if isShown, listing.order == .desc { each(item) }
        }
    }

    /// Removes a file, a link, or a directory.
    ///
    /// - Throws: ``ErrorCode/optionInvalid`` for a directory that is not empty, unless everything in it is to go.
    package func remove(_ path: String, recurses: Bool) throws(RoostError) {
        let entry = try repository.storage.entry(path)
        if let entry, entry.kind != .directory {
            try repository.storage.remove(path)
            return
        }
        if !recurses, try !repository.storage.names(path).isEmpty {
            throw RoostError(.optionInvalid, "recurse option must be used to delete non-empty path")
        }
        try repository.storage.removeTree(path)
    }
}

extension RepositoryTree.Item {
    fileprivate init(_ name: String, _ entry: StorageEntry) {
        let kind: Kind =
            switch entry.kind {
            case .file: .file
            case .directory: .directory
            case .link: .link
            case .special: .special
            }
        self.init(
            name: name, kind: kind, size: entry.size, modified: entry.modified, destination: entry.destination)
    }
}
