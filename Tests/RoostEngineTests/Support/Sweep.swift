import RoostFormat
import RoostStorage
import RoostSystem
import Testing

@testable import RoostEngine

/// How a storage fails in a sweep: one call fails and the next ones work, or everything fails from there on, as if the
/// process had died.
enum FailureMode: String, Sendable, CaseIterable { case once, forGood }

/// Runs a command with its n-th change of the repository failing, for n = 1, 2, 3 and so on until it is never reached.
///
/// - Parameters:
///   - prepare: Makes a fresh bed for each run.
///   - run: The command.
///   - check: Gets the bed after the fault is taken away, and whether the command threw.
/// - Returns: How many faults there were.
@discardableResult
func sweep(
    _ mode: FailureMode, prepare: () throws -> Bed, run: (Bed) throws -> Void,
    check: (Bed, _ failed: Bool) throws -> Void
) throws -> Int {
    for position in 1...2000 {
        let bed = try prepare()
        bed.storage.clear()
        bed.storage.at(
            position, of: FaultyStorage.Operation.changing, isLasting: mode == .forGood, .fail(diskFailure))
        let error = failure { try run(bed) }
        let fault = bed.storage.hasFired ? bed.storage.calls.last : nil
        let wasReached = bed.storage.hasFired
        bed.storage.clear()
        bed.log = CollectedLog()
        if let error {
            #expect(wasReached, "fault \(position): \(error)")
            #expect(error.message.contains(diskFailure.message), "fault \(position): \(error)")
        }
        do {
            try check(bed, error != nil)
        } catch {
            Issue.record(error, "after fault \(position), last call \(fault.map { "\($0)" } ?? "none")")
        }
        guard wasReached else {
            #expect(error == nil)
            return position - 1
        }
    }
    throw RoostError(.assert, "the command has no end")
}

extension Bed {
    /// What holds after every run that ended: each info file has a copy that tells the same.
    func expectCopiesAgree() throws {
        for path in [repository.paths.archiveInfo, repository.paths.backupInfo] {
            let isSame = try storage.read(path) == storage.read(StanzaPaths.copy(of: path))
            #expect(isSame, "the copy of '\(path)' is stale")
        }
    }

    /// What holds after every interruption: a listed backup has its manifest and all files.
    func expectListedBackupsAreWhole() throws {
        let info = try repository.loadBackupInfo()
        for entry in info.backups {
            let manifest = try repository.loadManifest(entry.label, passphrase: info.cipherPass)
            let verifier = FileVerifier(repository)
            for index in 0..<manifest.files.count {
                let name = manifest.files.name(at: index)
                let finding = try verifier.check(name, manifest.files[index], of: manifest)
                guard case .valid = finding else {
                    Issue.record("\(entry.label) is listed but '\(name)' is \(finding)")
                    return
                }
            }
        }
    }
}
