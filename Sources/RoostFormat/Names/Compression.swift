/// How repository files are compressed: the option `compress-type`, and the extension of a file name.
package enum Compression: String, Sendable, CaseIterable {
    case none, gz, bz2, lz4, zst

    /// Appended to the name of a stored file; empty for ``none``.
    package var fileExtension: String { self == .none ? "" : ".\(rawValue)" }

    /// The level used where none is configured, upstream's.
    package var defaultLevel: Int {
        switch self {
        case .none: 0
        case .gz: 6
        case .bz2: 9
        case .lz4: 1
        case .zst: 3
        }
    }

    /// The compression that a file name tells of.
    package static func of(fileName: some StringProtocol) -> Compression {
        allCases.first { $0 != .none && fileName.hasSuffix($0.fileExtension) } ?? .none
    }
}
