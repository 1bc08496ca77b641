/// How a repository keeps files: one cell of the interoperation matrix.
package struct RepositoryOptions: Sendable, Hashable {
    package enum Compression: String, Sendable, CaseIterable { case none, gz, lz4, zst, bz2 }

    package var compression: Compression
    package var isEncrypted: Bool
    package var isBundled: Bool
    /// Block increments, which stock 2.45 does not know; in no matrix.
    package var hasBlocks: Bool
    package static let passphrase = "correct horse battery staple"

    /// - Parameter blocks: Means bundles too.
    package init(
        _ compression: Compression = .zst, encrypted: Bool = false, bundled: Bool = false, blocks: Bool = false
    ) {
        self.compression = compression
        isEncrypted = encrypted
        isBundled = bundled || blocks
        hasBlocks = blocks
    }

    var lines: [String] {
        var lines = ["compress-type=\(compression.rawValue)"]
        if compression == .gz || compression == .bz2 { lines.append("compress-level=1") }
        if isEncrypted { lines += ["repo1-cipher-type=aes-256-cbc", "repo1-cipher-pass=\(Self.passphrase)"] }
        if isBundled { lines.append("repo1-bundle=y") }
        if hasBlocks { lines.append("repo1-block=y") }
        return lines
    }

    /// Every combination, with bz2 once: it differs from gz by its codec alone.
    package static let all: [RepositoryOptions] =
        [Compression.none, .gz, .lz4, .zst].flatMap { compression in
            [false, true].flatMap { encrypted in
                [false, true].map { RepositoryOptions(compression, encrypted: encrypted, bundled: $0) }
            }
        } + [RepositoryOptions(.bz2, encrypted: true, bundled: true)]

    /// Each of ``all`` written by each tool; else a cover in which each pair of values of two parameters occurs, the tool being one.
    package static let coveredByWriter: [(options: RepositoryOptions, writer: Tool)] = TestHost.cases(
        all.flatMap { options in [Tool.stock, .dropIn].map { (options, $0) } },
        else: [
            (.init(.none), .stock), (.init(.none, encrypted: true, bundled: true), .dropIn),
            (.init(.gz, encrypted: true), .dropIn), (.init(.gz, bundled: true), .stock),
            (.init(.lz4), .dropIn), (.init(.lz4, encrypted: true, bundled: true), .stock),
            (.init(.zst, encrypted: true), .stock), (.init(.zst, bundled: true), .dropIn),
            (.init(.bz2, encrypted: true, bundled: true), .stock),
            (.init(.bz2, encrypted: true, bundled: true), .dropIn),
        ])
}

extension RepositoryOptions: CustomStringConvertible {
    package var description: String {
        "\(compression.rawValue), \(isEncrypted ? "encrypted" : "plain"), "
            + (hasBlocks ? "blocks" : isBundled ? "bundles" : "single files")
    }
}
