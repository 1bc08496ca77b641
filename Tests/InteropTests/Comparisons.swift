import Foundation
import RoostTesting
import Testing

/// Expects that two tools tell the same about a repository.
///
/// Differences by release: 2.45 does not know the restore lock in JSON; in text it shows times without an offset and lists
/// references where later releases count them, and cuts sizes where later ones round (JSON has the bytes).
func expectSameInformation(_ stanza: ScratchStanza, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let stock = try stanza.info(.stock).fields()
    let ours = try stanza.info(.dropIn).fields().filter { $0.key != "[0].status.lock.restore.held" }
    for path in Set(stock.keys).union(ours.keys).sorted() {
        #expect(ours[path] == stock[path], "field \(path)", sourceLocation: sourceLocation)
    }
    let texts = try (informationText(stanza, .dropIn), informationText(stanza, .stock))
    #expect(texts.0 == texts.1, sourceLocation: sourceLocation)
}

private func informationText(_ stanza: ScratchStanza, _ tool: Tool) throws -> [String] {
    try stanza.run(tool, "info").standardOutput.split(separator: "\n")
        .filter { !$0.contains("backup reference") && !$0.contains(" size: ") }
        .map { line in
            line.contains("timestamp start/stop") ? line.replacingOccurrences(of: "+00", with: "") : String(line)
        }
}

/// Expects that two directories restored from one backup are equal, byte for byte, but for what the releases write differently.
func expectSameRestore(_ first: String, _ second: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let differences = try DirectoryTree(first).differences(
        from: DirectoryTree(second),
        allowing: DirectoryTree.isWrittenByRestore
    )
    #expect(differences == [], "\(first) and \(second)", sourceLocation: sourceLocation)
    #expect(
        try controlWithoutCheckpoint(first) == controlWithoutCheckpoint(second),
        sourceLocation: sourceLocation
    )
}

/// `pg_control` without the checkpoint's position, which releases since 2.51 make invalid, and without the CRC over it.
func controlWithoutCheckpoint(_ directory: String) throws -> Data {
    var control = try Data(contentsOf: URL(fileURLWithPath: directory + "/global/pg_control"))
    control.replaceSubrange(32..<40, with: Data(count: 8))
    control.replaceSubrange(288..<292, with: Data(count: 4))  // PostgreSQL 12 to 17
    return control
}

/// Expects that a server recovers from a restored directory to what the source cluster holds, with sound tables and indexes.
func expectSound(
    _ restored: ScratchCluster,
    like source: ScratchCluster,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    try restored.start()
    try restored.waitForRecoveryEnd()
    #expect(try restored.rowChecksum() == source.rowChecksum(), sourceLocation: sourceLocation)
    try restored.check()
    try restored.stop()
}
