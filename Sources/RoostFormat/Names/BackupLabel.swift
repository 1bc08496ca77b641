/// How much of the cluster a backup holds by itself.
package enum BackupType: String, Sendable, CaseIterable {
    case full, diff, incr
}

/// The name of a backup, `20261122-141514F` or `20261122-141514F_20261122-141533D`.
///
/// The first part is the full backup of the set, so that byte order lists a full, then all that depend on it by age, then
/// the next full (specification `repository`, section 4). Only text of that shape becomes a label, which makes a label safe
/// as a directory name.
package struct BackupLabel: Sendable, Hashable {
    /// The label itself.
    package let text: String

    /// - Returns: Nil for any text that is no label.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        switch bytes.count {
        case 16:
            guard Self.isStamp(bytes[0..<15]), bytes[15] == UInt8(ascii: "F") else { return nil }
        case 33:
            guard Self.isStamp(bytes[0..<15]), bytes[15] == UInt8(ascii: "F"), bytes[16] == UInt8(ascii: "_"),
                Self.isStamp(bytes[17..<32]), bytes[32] == UInt8(ascii: "D") || bytes[32] == UInt8(ascii: "I")
            else { return nil }
        default: return nil
        }
        self.text = String(text)
    }

    /// The label of a backup that starts now.
    ///
    /// - Parameters:
    ///   - stamp: `20261122-141514`, the start in the time zone of the host.
    ///   - full: The full backup of the set, for anything but a full.
    package init?(type: BackupType, stamp: String, full: BackupLabel?) {
        switch type {
        case .full: self.init("\(stamp)F")
        case .diff: self.init("\(full?.full.text ?? "")_\(stamp)D")
        case .incr: self.init("\(full?.full.text ?? "")_\(stamp)I")
        }
    }

    package var type: BackupType {
        switch text.utf8.last {
        case UInt8(ascii: "D"): .diff
        case UInt8(ascii: "I"): .incr
        default: .full
        }
    }

    /// The full backup of the set; of a full, itself.
    package var full: BackupLabel { BackupLabel(text.prefix(16)) ?? self }

    /// The year of the full backup, under which the history files of the set lie.
    package var year: String { String(text.prefix(4)) }

    private static func isStamp(_ bytes: ArraySlice<UInt8>) -> Bool {
        zip(bytes, 0...).allSatisfy { byte, position in
            position == 8 ? byte == UInt8(ascii: "-") : (0x30...0x39).contains(byte)
        }
    }
}

extension BackupLabel: Comparable {
    /// Byte order.
    package static func < (left: BackupLabel, right: BackupLabel) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension BackupLabel: CustomStringConvertible {
    package var description: String { text }
}
