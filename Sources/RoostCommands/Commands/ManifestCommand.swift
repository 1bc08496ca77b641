internal import RoostEngine
internal import RoostFormat
internal import RoostOptions
internal import RoostSystem

/// `manifest`: what a backup consists of.
struct ManifestCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws {
        let options = invocation.options
        let repository = try invocation.repository(try invocation.stanza())
        let info = try repository.loadBackupInfo()
        let manifest = try repository.loadManifest(try label(info), passphrase: info.cipherPass)
        let report = ManifestReport(manifest, isJSON: options[Options.output] == "json")
        let output = OutputBuffer()
        output.add(report.head)
        if let name = options[Options.filter] {
            guard let index = manifest.files.index(of: name) else {
                throw RoostError(
                    .fileMissing, "unable to find '\(name)' in the manifest of backup '\(manifest.label)'",
                    hints: ["names begin with pg_data/ or pg_tblspc/, for example pg_data/PG_VERSION"])
            }
            output.add(report.file(at: index))
        } else {
            var separator = ""
            for index in 0..<manifest.files.count where isWanted(manifest.files[index], manifest) {
                output.add(separator)
                output.add(report.file(at: index))
                separator = report.separator
            }
        }
        output.add(report.tail)
        try output.finish()
    }

    private func label(_ info: BackupInfo) throws(RoostError) -> BackupLabel {
        let text = invocation.options[Options.set] ?? "latest"
        guard text == "latest" else { return try ExpireCommand.label(text) }
        guard let newest = info.backups.last else {
            throw RoostError(.backupSetInvalid, "no backup sets to show", hints: ["has a backup been made?"])
        }
        return newest.label
    }

    private func isWanted(_ file: ManifestFile, _ manifest: Manifest) -> Bool {
        guard let reference = invocation.options[Options.reference] else { return true }
        if reference == "latest" { return file.reference == nil }
        return file.reference.map { manifest.references[$0].text == reference } ?? false
    }
}
