internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// A second server on the same host from the files of the first, which goes on working: `pg-fork`.
///
/// The running source is copied as a backup is: between start and stop of a backup, with `backup_label` and the WAL up to the
/// stop in the copy, so that it always starts. Durable steps, in order: the former fork deleted; all files under another name
/// beside the destination, `pg_control` last of the server's files; everything synced; renamed; the directory above synced.
/// So what stands under the name of a fork is a whole one.
package struct Fork {
    private let settings: ForkSettings

    package init(_ settings: ForkSettings) { self.settings = settings }

    /// Makes the fork.
    ///
    /// - Parameter confirm: Is shown the plan and says whether to go on.
    /// - Returns: What was done; its code is 0 or 1.
    package func run(confirm: (ForkPlan) throws -> Bool) -> AdminReport {
        var report = AdminReport(isDryRun: settings.isDryRun)
        var step = "check"
        do {
            var plan = try ForkPlan(settings)
            try ForkCopy(plan).check()
            report.ok(step, "\(plan.source) can be forked to \(plan.destination)")
            report.facts["source"] = .string(plan.source)
            report.facts["destination"] = .string(plan.destination)
            report.facts["port"] = .unsigned(UInt64(plan.destinationPort))
            guard try confirm(plan) else {
                report.skipped("fork", "not confirmed")
                return report
            }
            guard !settings.isDryRun else {
                report.changed("fork", "fork \(plan.source) to \(plan.destination), port \(plan.destinationPort)")
                return report
            }
            step = "lock"
            let lock = try acquireLock(plan)
            // While a person thought about it, somebody may have started what would be deleted.
            plan = try ForkPlan(settings)
            // Whatever can refuse does so before the former fork is gone.
            let copy = try ForkCopy(plan)
            try copy.check()
            step = "delete"
            try deleteFormer(plan, &report)
            step = "copy"
            do {
                try copy.run(&report)
            } catch {
                removeHalf(plan, &report)
                throw error
            }
            _ = consume lock
        } catch {
            let text = (error as? AdminRefusal)?.description ?? RoostError.wrapping(error).description
            report.failed(step, text, code: 1)
        }
        return report
    }

    private func acquireLock(_ plan: ForkPlan) throws(RoostError) -> LockFile {
        do {
            return try LockFile.acquire(plan.lock, content: "\(CurrentProcess.id)\n", waits: false)
        } catch {
            guard error.isLockHeld else { throw error }
            throw RoostError(.lockAcquire, "another pg-fork to '\(plan.destination)' is at work", errno: error.errno)
        }
    }

    /// Under another name first, so that half of it never passes for a data directory.
    private func deleteFormer(_ plan: ForkPlan, _ report: inout AdminReport) throws(RoostError) {
        // What a run has left behind that was killed.
        if try FileStatus.of(plan.part) != nil { try FileSystem.removeTree(plan.part) }
        for path in plan.deleted {
            try FileSystem.move(path, to: plan.part)
            try FileSystem.syncDirectory(directoryPart(of: path))
            try FileSystem.removeTree(plan.part)
            report.changed("delete", path)
        }
    }

    private func removeHalf(_ plan: ForkPlan, _ report: inout AdminReport) {
        for path in [plan.part, plan.tablespaceDirectory] {
            do {
                if try FileStatus.of(path) != nil { try FileSystem.removeTree(path) }
            } catch {
                report.failed("remove", "unable to remove the half copy '\(path)': \(error)", code: 1)
            }
        }
    }
}
