import Foundation
import RoostTesting

/// How the repository of a power-cut test keeps files.
enum RepositoryForm: Sendable, CaseIterable {
    case files, bundles, blocks

    var options: RepositoryOptions { RepositoryOptions(.zst, bundled: self == .bundles, blocks: self == .blocks) }
}

/// Whether a step is looked at: each in a full run, else the 1st, 2nd, 4th, 8th and so on, or of another base.
func isSampled(_ step: Int, base: Int = 2) -> Bool {
    var power = 1
    while power < step { power *= base }
    return power == step || TestHost.isFull
}

extension FileSystemImage {
    /// Makes everything durable that was written so far.
    func sync() throws { try Command("/bin/sync", ["-f", mountPoint], as: .root).run().requireSuccess() }

    /// Runs a body with the file system as a power cut would leave it now.
    func afterCut(_ body: (String) throws -> Void) throws {
        let copy = try afterPowerCut()
        let result = Result { try body(copy.mountPoint) }
        try copy.discard()
        try result.get()
    }
}

extension ScratchStanza {
    /// Runs a body with a stanza whose repository is on an image; the server is stopped.
    static func withImage(
        _ options: RepositoryOptions = RepositoryOptions(.zst), _ body: (ScratchStanza, FileSystemImage) throws -> Void
    ) throws {
        try ScratchDirectory.with { scratch in
            let image = try FileSystemImage(megabytes: 96, in: scratch)
            let repository = image.mountPoint + "/repo"
            try Command("/bin/mkdir", ["-m", "0750", repository]).run().requireSuccess()
            let cluster = try ScratchCluster.make(.init(walSegmentMegabytes: 1), in: scratch)
            let stanza = try ScratchStanza(cluster: cluster, in: scratch, options: options, repository: repository)
            try stanza.setArchiver(.roost)
            try stanza.run(.roost, "--no-online", "stanza-create")
            try image.sync()
            try body(stanza, image)
        }
    }

    /// Runs a command that must succeed, and a body whenever it is paused before a durable step.
    ///
    /// - Parameters:
    ///   - fault: Which calls pause it.
    ///   - body: Gets the number of the step, from 1.
    /// - Returns: How many steps there were.
    func pauseAtSteps(
        of arguments: [String], fault: String = "durable:*:pause", _ body: (Int) throws -> Void
    ) throws -> Int {
        let running = try command(.roost, arguments, environment: ["ROOST_FAULT": fault]).start()
        var steps = 0
        while try running.waitUntilStopped() {
            steps += 1
            try body(steps)
            running.send(SIGCONT)
        }
        try running.wait().requireSuccess()
        return steps
    }

    /// What `info` tells of a repository that survived a power cut.
    func information(_ mounted: String) throws -> RepositoryInfo {
        try RepositoryInfo(json: run(.roost, "--repo1-path=\(mounted)/repo", "info", "--output=json").standardOutput)
    }

    func requireVerified(_ mounted: String) throws {
        let result = try run(.roost, "--repo1-path=\(mounted)/repo", "--output=text", "--verbose", "verify")
        guard result.standardOutput.contains("status: ok") else { throw TestFailure("after a power cut: \(result)") }
    }

    /// Starts a server on a restored directory and expects rows; it gets WAL from the repository of this stanza, or from one
    /// that survived a power cut.
    func requireRows(_ directory: String, _ rows: [String], repository: String? = nil) throws {
        let restored = try restoredCluster(at: directory)
        // The settings name the directory by its path on the file system that lost its power.
        let place = repository.map { ["--repo1-path=\($0)"] } ?? []
        let fetch = try command(.roost, ["--pg1-path=\(directory)"] + place + ["archive-get"])
        restored.set("restore_command", ([fetch.program] + fetch.arguments + ["%f", "%p"]).joined(separator: " "))
        try restored.start()
        try restored.waitForRecoveryEnd()
        let found = try restored.rowChecksum()
        try restored.stop(.immediate)
        guard found == rows else { throw TestFailure("expected \(rows), found \(found)") }
    }
}
