import Foundation
import RoostSystem

/// A cluster with a repository and the one configuration file that drives both tools.
package final class ScratchStanza: Sendable {
    package static let name = "demo"

    package let scratch: ScratchDirectory
    package let cluster: ScratchCluster
    package let repository: String
    package let configuration: String
    package let lockDirectory: String
    package let options: RepositoryOptions
    private let lines: Guarded<[String]>
    private let sections = Guarded<[String]>([])

    /// - Parameters:
    ///   - repository: Where the repository goes, if not into the scratch directory.
    ///   - settings: Further lines of section `[global]`.
    package init(
        cluster: ScratchCluster,
        in scratch: ScratchDirectory,
        options: RepositoryOptions = RepositoryOptions(),
        repository: String? = nil,
        settings: [String] = []
    ) throws {
        self.scratch = scratch
        self.cluster = cluster
        self.options = options
        self.repository = try repository ?? scratch.directory("repo", mode: 0o750)
        lockDirectory = try scratch.directory("lock")
        configuration = scratch.path + "/pgbackrest.conf"
        let logs = try scratch.directory("log")
        let spool = try scratch.directory("spool")
        lines = Guarded(
            [
                "[global]", "repo1-path=\(self.repository)", "log-path=\(logs)", "lock-path=\(lockDirectory)",
                "spool-path=\(spool)", "log-level-file=detail", "log-level-console=info", "start-fast=y",
                "repo1-retention-full=4", "archive-timeout=30",
            ] + options.lines + settings
        )
        try writeConfiguration()
    }

    /// Adds lines to section `[global]`; a later line of the same key must not exist.
    package func configure(_ added: String...) throws {
        lines.withLock { $0 += added }
        try writeConfiguration()
    }

    /// Drops the lines of a key from section `[global]`.
    package func unconfigure(_ key: String) throws {
        lines.withLock { $0.removeAll { $0.hasPrefix(key + "=") } }
        try writeConfiguration()
    }

    /// Adds a section after the others.
    package func appendSection(_ name: String, _ lines: [String]) throws {
        sections.withLock { $0 += ["[\(name)]"] + lines }
        try writeConfiguration()
    }

    private func writeConfiguration() throws {
        let stanza = [
            "", "[\(Self.name)]", "pg1-path=\(cluster.dataDirectory)", "pg1-socket-path=\(cluster.socketDirectory)",
            "pg1-port=\(cluster.port)", "pg1-user=postgres", "",
        ]
        try scratch.file(
            "pgbackrest.conf",
            (lines.withLock { $0 } + stanza + sections.withLock { $0 }).joined(separator: "\n"),
            mode: 0o640
        )
    }

    // MARK: Commands

    /// A command of a tool on this stanza, to be run or started.
    package func command(
        _ tool: Tool,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> Command {
        var command = Command(
            try tool.path,
            ["--config=\(configuration)", "--stanza=\(Self.name)"] + arguments
        )
        command.environment = environment
        command.directory = cluster.socketDirectory
        return command
    }

    /// Runs a command; its exit status is the caller's to look at.
    @discardableResult
    package func attempt(
        _ tool: Tool,
        _ arguments: String...,
        environment: [String: String] = [:]
    ) throws -> CommandResult {
        try command(tool, arguments, environment: environment).run()
    }

    /// Runs a command that must exit 0.
    @discardableResult
    package func run(
        _ tool: Tool,
        _ arguments: String...,
        environment: [String: String] = [:]
    ) throws -> CommandResult {
        try command(tool, arguments, environment: environment).run().requireSuccess()
    }

    /// The setting `archive_command` for a tool; `check` and `backup` want the text `pgbackrest` in it.
    package func archiveCommand(_ tool: Tool, environment: [String: String] = [:]) throws -> String {
        let variables = environment.map { "\($0)=\($1) " }.sorted().joined()
        return variables + "\(try tool.path) --config=\(configuration) --stanza=\(Self.name) archive-push %p"
    }

    /// Starts the cluster with archiving by a tool and creates the stanza.
    package func begin(archivingWith tool: Tool, createdBy creator: Tool? = nil) throws {
        try startCluster(archivingWith: tool)
        try run(creator ?? tool, "stanza-create")
    }

    /// Starts the cluster with archiving by a tool.
    package func startCluster(archivingWith tool: Tool) throws {
        try setArchiver(tool)
        try cluster.start()
    }

    /// Has WAL archived by a tool; a running server takes it up at once.
    package func setArchiver(_ tool: Tool) throws {
        // In a file, not on the command line: so that a reload changes it.
        let file = cluster.dataDirectory + "/postgresql.conf"
        let marker = "# written by ScratchStanza"
        var text = try String(contentsOfFile: file, encoding: .utf8)
        if let start = text.range(of: marker) { text = String(text[..<start.lowerBound]) }
        text += "\(marker)\narchive_mode = on\narchive_command = '\(try archiveCommand(tool))'\n"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        if cluster.isRunning { try cluster.reload() }
    }

    /// Takes a backup.
    ///
    /// - Returns: Its label.
    @discardableResult
    package func backup(_ tool: Tool, _ type: String = "full", _ options: String...) throws -> String {
        let command = try command(tool, options + ["--type=\(type)", "backup"])
        try command.run().requireSuccess()
        guard let last = try info(tool).backups.last else { throw TestFailure("no backup listed after \(command)") }
        return last.label
    }

    /// What a tool tells about the repository.
    package func info(_ tool: Tool) throws -> RepositoryInfo {
        try RepositoryInfo(json: run(tool, "info", "--output=json").standardOutput)
    }

    /// Has a tool verify the repository, which reports problems with exit status 0.
    package func verify(_ tool: Tool) throws {
        let result = try run(tool, "verify", "--output=text", "--verbose")
        guard result.standardOutput.contains("status: ok") else {
            throw TestFailure("verify is not content\n\(result)")
        }
    }

    /// Restores into a directory of its own.
    ///
    /// - Returns: The cluster there, not started.
    package func restore(_ tool: Tool, _ options: String..., into name: String) throws -> ScratchCluster {
        let target = scratch.path + "/" + name
        if !FileManager.default.fileExists(atPath: target) { _ = try scratch.directory(name, mode: 0o700) }
        try command(tool, ["--pg1-path=\(target)"] + options + ["restore"]).run().requireSuccess()
        return try restoredCluster(at: target)
    }

    /// A cluster on a restored directory; it archives nothing.
    package func restoredCluster(at target: String) throws -> ScratchCluster {
        let restored = try ScratchCluster(major: cluster.major, dataDirectory: target, in: scratch)
        restored.set("archive_mode", "off")
        return restored
    }

    /// Runs a body with a started, empty stanza of a new cluster, and removes everything afterwards.
    package static func with<T>(
        _ layout: ScratchCluster.Layout = .init(),
        options: RepositoryOptions = .init(),
        archiver: Tool,
        creator: Tool? = nil,
        settings: [String] = [],
        _ body: (ScratchStanza) throws -> T
    ) throws -> T {
        try ScratchDirectory.with { scratch in
            let cluster = try ScratchCluster.make(layout, in: scratch)
            let stanza = try ScratchStanza(cluster: cluster, in: scratch, options: options, settings: settings)
            try stanza.begin(archivingWith: archiver, createdBy: creator)
            return try body(stanza)
        }
    }
}
