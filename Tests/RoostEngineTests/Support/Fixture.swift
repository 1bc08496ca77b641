import RoostFormat
import RoostPostgres
import RoostSystem

@testable import RoostEngine

/// Parts of real clusters, from the files beside the PostgreSQL tests.
enum Fixture {
    private static let directory =
        #filePath.dropLast("/RoostEngineTests/Support/Fixture.swift".count) + "/RoostPostgresTests/Fixtures"

    static func hexadecimal(_ name: String) throws -> [UInt8] {
        let digits = try FileSystem.read("\(directory)/\(name).hex").filter { $0 != UInt8(ascii: "\n") }
        return try stride(from: 0, to: digits.count, by: 2).map { position in
            let pair = String(decoding: digits[position..<position + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { throw RoostError(.format, "'\(name)' holds '\(pair)'") }
            return byte
        }
    }

    /// A whole `pg_control`.
    static func control(_ version: String = "15") throws -> [UInt8] {
        let bytes = try hexadecimal("pg_control-\(version)")
        return bytes + [UInt8](repeating: 0, count: ControlFile.fileByteCount - bytes.count)
    }

    static func controlFile(_ version: String = "15") throws -> ControlFile {
        let bytes = try control(version)
        return try ControlFile(parsing: bytes.span.raw)
    }

    static func identity(_ version: String = "15") throws -> ClusterIdentity {
        let control = try controlFile(version)
        return ClusterIdentity(systemID: control.systemID, version: control.version.text)
    }

    /// A WAL segment of 1 MiB, with a header that says so.
    static func segment(fill: UInt8, version: String = "15") throws -> [UInt8] {
        var bytes = try hexadecimal("wal-\(version)")
        bytes.replaceSubrange(32..<36, with: [0, 0, 0x10, 0])
        return bytes + [UInt8](repeating: fill, count: (1 << 20) - bytes.count)
    }

    static func page(_ fill: UInt8, count: Int = 1) -> [UInt8] { [UInt8](repeating: fill, count: 8192 * count) }
}

func label(_ text: String) throws -> BackupLabel {
    guard let label = BackupLabel(text) else { throw RoostError(.format, "'\(text)' is no label") }
    return label
}

func segment(_ text: String) throws -> WALSegmentName {
    guard let name = WALSegmentName(text) else { throw RoostError(.format, "'\(text)' is no segment") }
    return name
}

/// `000000010000000000000004` for 4.
func segment(_ number: UInt32, timeline: UInt32 = 1, high: UInt32 = 0) -> WALSegmentName {
    WALSegmentName(timeline: TimelineID(timeline), high: high, low: number)
}
