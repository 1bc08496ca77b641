package import RoostSystem

/// What an installation has put where: a line for each thing, so that exactly that can be taken away again.
///
///     file <tab> SHA-1 <tab> path
///     former <tab> SHA-1 or destination <tab> path     what the file or link of this path replaces, until it has
///     link <tab> destination <tab> path
///     directory <tab> <tab> path
///     diversion <tab> new name <tab> path
package struct InstallManifest: Sendable, Equatable {
    package struct Entry: Sendable, Hashable {
        package enum Kind: String, Sendable { case file, link, directory, diversion }

        package var kind: Kind
        /// What tells whether it still is what was put there.
        package var mark: String
        /// Without the root directory of an image.
        package var path: String

        package init(_ kind: Kind, _ mark: String, _ path: String) {
            self.kind = kind
            self.mark = mark
            self.path = path
        }
    }

    private static let title = "# put here by `roost install`, to be taken away by `roost uninstall`\n"

    /// By path, each path once.
    package private(set) var entries: [Entry] = []
    /// By path, the mark of what an installation that may have been interrupted replaces.
    package private(set) var former: [String: String] = [:]

    package init() {}

    package subscript(path: String) -> Entry? { entries.first { $0.path == path } }

    /// Adds an entry, in the place of one of the same path.
    package mutating func set(_ entry: Entry) {
        remove(entry.path)
        entries.insert(entry, at: entries.firstIndex { $0.path > entry.path } ?? entries.count)
    }

    package mutating func remove(_ path: String) { entries.removeAll { $0.path == path } }

    /// Remembers the mark of what is about to be replaced.
    package mutating func replace(_ path: String) { former[path] = self[path]?.mark }

    /// Everything has been replaced.
    package mutating func forgetFormer() { former = [:] }

    /// - Throws: ``ErrorCode/format`` for anything but what ``text`` writes: what it does not understand must not decide what
    ///   is removed.
    package init(parsing text: String, object: String) throws(RoostError) {
        guard text.hasPrefix(Self.title), text.hasSuffix("\n") else {
            throw RoostError(.format, "'\(object)' is not what roost install has written")
        }
        for line in text.dropFirst(Self.title.count).split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, parts[2].hasPrefix("/"), !parts[2].split(separator: "/").contains(".."),
                parts[0] == "former" || Entry.Kind(rawValue: parts[0]) != nil
            else { throw RoostError(.format, "'\(object)' has a line that roost install does not write: '\(line)'") }
            if let kind = Entry.Kind(rawValue: parts[0]) {
                set(Entry(kind, parts[1], parts[2]))
            } else {
                former[parts[2]] = parts[1]
            }
        }
    }

    package var text: String {
        Self.title + entries.map { "\($0.kind.rawValue)\t\($0.mark)\t\($0.path)\n" }.joined()
            + former.sorted { $0.key < $1.key }.map { "former\t\($0.value)\t\($0.key)\n" }.joined()
    }
}
