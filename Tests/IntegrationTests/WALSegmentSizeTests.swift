import RoostTesting
import Testing

/// Segments that `archive-push` does not hold in memory.
struct WALSegmentSizeTests {
    @Test func `segments of 128 MiB are archived, verified and replayed`() throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 128), options: .init(.zst), archiver: .roost) { stanza in
            try stanza.backup(.roost)
            try stanza.cluster.generateLoad()
            try stanza.cluster.archiveCurrentSegment()
            try stanza.verify(.roost)
            try stanza.verify(.stock)
            try stanza.requireRecoverable(into: "restored")
        }
    }
}
