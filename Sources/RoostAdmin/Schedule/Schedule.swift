internal import RoostFormat
internal import RoostSystem

/// `roost schedule`: the lines by which cron runs what a cluster wants, in a block of the dbsu's crontab.
package struct Schedule {
    private let specification: ClusterSpecification
    private let store: CrontabStore
    private let isDryRun: Bool

    package init(_ specification: ClusterSpecification, store: CrontabStore, isDryRun: Bool) {
        self.specification = specification
        self.store = store
        self.isDryRun = isDryRun
    }

    /// Puts lines in the place of those that are there; an empty list removes all.
    package func apply(_ lines: [String], _ report: inout AdminReport) throws {
        for line in lines { try CronLine.check(line, account: specification.account) }
        guard !lines.isEmpty else { return try remove(&report) }
        let directory = specification.programs ?? "/usr/pgsql/bin"
        let head = [
            "SHELL=/bin/bash",
            "PATH=\(directory):/pg/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "MAILTO=\"\"",
        ]
        let block = (head + lines).map { $0 + "\n" }.joined()
        let count = lines.count == 1 ? "1 line" : "\(lines.count) lines"
        try change(to: block, as: "wrote \(count)", or: "the lines are there", &report)
    }

    /// Takes the block away and leaves the rest.
    package func remove(_ report: inout AdminReport) throws {
        try change(to: nil, as: "removed the lines", or: "there are no lines", &report)
    }

    /// Tells the lines that are there.
    package func show(_ report: inout AdminReport) throws {
        let block = try Crontab(parsing: try store.read(account: specification.account)).block(
            of: specification.cluster)
        let lines = block?.split(separator: "\n").map(String.init) ?? []
        report.facts["crontab"] = .array(lines.map { .string($0) })
        report.ok("crontab", block == nil ? "there are no lines of '\(specification.cluster)'" : "\(lines.count) lines")
        report.data = block ?? ""
    }

    private func change(
        to block: String?, as done: String, or found: String, _ report: inout AdminReport
    ) throws {
        let whose = "of '\(specification.cluster)' in the crontab of '\(specification.account)'"
        func run() throws {
            let text = try store.read(account: specification.account)
            var crontab = try Crontab(parsing: text)
            crontab.set(block, of: specification.cluster)
            guard crontab.text != text else { return report.ok("crontab", "\(found) \(whose)") }
            // A last line without its end is completed, and no more: that alone is no reason to write.
            guard crontab.text != text + "\n" else { return report.ok("crontab", "\(found) \(whose)") }
            if !isDryRun { try store.write(crontab.text, account: specification.account) }
            report.changed("crontab", "\(done) \(whose)")
        }
        // Otherwise two runs at once, of two clusters, would lose the lines of one.
        guard !isDryRun, let shared = try store.shared else { return try run() }
        try LockFile.whileHolding(shared, run)
    }
}
