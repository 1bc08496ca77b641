internal import RoostSystem

/// One file or link that an installation wants.
package struct InstalledItem: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case file([UInt8], mode: UInt16)
        /// To what a symbolic link points, as written in it.
        case link(String)
    }

    /// What it belongs to, as the report names it: `commands`.
    package var group: String
    /// Absolute, without the root directory of an image.
    package var path: String
    package var content: Content

    package init(_ group: String, _ path: String, _ content: Content) {
        self.group = group
        self.path = path
        self.content = content
    }
}

/// What is installed, and where.
package struct InstallSettings: Sendable {
    /// `/usr/local`: absolute.
    package var prefix: String
    /// The directory that stands for `/`, for those who make packages and images; empty for the running system.
    package var root = ""
    /// Everything but the program; links may point to it by ``program``.
    package var items: [InstalledItem] = []
    /// The file that becomes the program.
    package var executable = "/proc/self/exe"
    /// Whether `/usr/bin/pgbackrest` becomes a link to the program.
    package var replacesPgbackrest = false
    package var isDryRun = false

    package init(prefix: String) { self.prefix = prefix }

    /// Where the program goes.
    package var program: String { "\(prefix)/bin/roost" }
    /// Where is written down what was installed.
    var manifest: String { "\(prefix)/share/roost/installed" }

    /// - Throws: ``AdminRefusal/Reason/usage`` for paths that are not absolute and plain, or a root that is not there.
    func check() throws {
        for (name, path) in [("--prefix", prefix)] + (root.isEmpty ? [] : [("--root", root)]) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count > 1, parts[0].isEmpty, parts.dropFirst().allSatisfy({ !["", ".", ".."].contains($0) }),
                !path.contains(where: { $0.isNewline || $0 == "\t" })
            else {
                throw AdminRefusal(.usage, "\(name) is '\(path)', expected an absolute path without a slash at its end")
            }
        }
        guard try root.isEmpty || FileStatus.of(root, followingLinks: true)?.kind == .directory else {
            throw AdminRefusal(.usage, "--root is '\(root)', which is no directory")
        }
    }
}
