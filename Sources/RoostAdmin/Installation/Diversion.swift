internal import RoostSystem

/// Keeps the `pgbackrest` of a package aside, by `dpkg-divert`, so that neither we nor an upgrade overwrites the other.
struct Diversion {
    static let path = "/usr/bin/pgbackrest"
    /// Where the package's file is meanwhile.
    static let aside = "/usr/bin/pgbackrest.distrib"

    private let root: String
    private let program = ChildProgram.find("dpkg-divert")

    init(root: String) { self.root = root }

    var isPossible: Bool { program != nil }

    /// Moves the file of a package aside, if there is one, and has later ones go there too.
    ///
    /// Does nothing the second time.
    func add() throws { try run("--add", "unable to keep '\(Self.path)' aside") }

    /// Brings the file of a package back.
    func remove() throws { try run("--remove", "unable to bring '\(Self.path)' back") }

    private func run(_ action: String, _ activity: String) throws {
        guard let program else { return }
        var divert = ChildProgram(
            program,
            (root.isEmpty ? [] : ["--root=\(root)"])
                + ["--local", "--rename", "--divert", Self.aside, action, Self.path])
        divert.timeout = 60_000
        let result = try divert.run()
        guard result.succeeded else { throw result.failure(activity) }
    }
}
