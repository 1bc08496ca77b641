import RoostFormat
import RoostSystem
import Testing

@testable import RoostEngine

/// Notes to a backup.
struct AnnotateTests {
    @Test func `notes are added, changed and taken away, in the list alone`() throws {
        let bed = try Bed.prepared(cipherPass: "secret")
        let label = try bed.backup { $0.annotations = ["by": "cron", "kept": "yes"] }.entry.label
        func annotate(_ changes: [String: String]) throws -> Bool {
            try Annotate.run(label, changes, repository: bed.repository, context: bed.context)
        }
        #expect(try annotate(["by": "hand", "why": "before the upgrade"]))
        #expect(
            try bed.repository.loadBackupInfo()[label]?.annotations
                == ["by": "hand", "kept": "yes", "why": "before the upgrade"])
        #expect(bed.log.contains("info: backup set '\(label)' to annotate found in repo1"))
        #expect(try annotate(["by": "", "kept": "", "why": "", "never": ""]))
        let info = try bed.repository.loadBackupInfo()
        #expect(info[label]?.annotations.isEmpty == true)
        let manifest = try bed.repository.loadManifest(label, passphrase: info.cipherPass)
        #expect(manifest.annotations == ["by": "cron", "kept": "yes"])
    }

    @Test func `a backup that is not listed is not found, and nothing is written`() throws {
        let bed = try Bed.prepared()
        bed.storage.clear()
        let label = try label("20200101-000000F")
        #expect(try !Annotate.run(label, ["a": "b"], repository: bed.repository, context: bed.context))
        #expect(bed.storage.changes.isEmpty)
    }
}
