internal import RoostSystem

/// What a status file of the spool says of one WAL file (specification `archive`, section 4).
enum SpoolStatus: Sendable {
    /// Done; with text for the administrator where something was remarkable.
    case ok(SpoolMessage?)
    /// Failed; also of a failure that concerns no file alone.
    case failed(SpoolMessage)
}

/// The content of a status file that has any: the number of an error or 0, a line feed, and a text.
struct SpoolMessage: Sendable, Equatable {
    /// An exit status of ``ErrorCode``; 0 for a warning.
    var code: Int32
    var text: String

    init(code: Int32, text: String) {
        self.code = code
        self.text = text
    }

    /// - Returns: Nil for an empty file.
    /// - Throws: ``ErrorCode/format`` for content without both parts.
    init?(parsing bytes: [UInt8], file: String) throws(RoostError) {
        guard !bytes.isEmpty else { return nil }
        guard let end = bytes.firstIndex(of: 0x0A) else {
            throw RoostError(.format, "\(file) content must have at least two lines")
        }
        guard end + 1 < bytes.count else { throw RoostError(.format, "\(file) message must be > 0") }
        guard let code = Int32(String(decoding: bytes[..<end], as: UTF8.self)), code >= 0 else {
            throw RoostError(.format, "\(file) must begin with the number of an error")
        }
        var rest = bytes[(end + 1)...]
        while let last = rest.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { rest.removeLast() }
        self.init(code: code, text: String(decoding: rest, as: UTF8.self))
    }

    var bytes: [UInt8] { Array("\(code)\n\(text)".utf8) }

    /// The failure that the file tells of.
    var error: RoostError {
        RoostError(ErrorCode.all.first { $0.exitStatus == code } ?? .unknown, text)
    }

    /// What the administrator is told of a file that counts as done.
    func warning(of name: String) -> String {
        code == 0
            ? text
            : "WAL segment '\(name)' was not pushed due to error [\(code)] and was manually skipped: \(text)"
    }

    /// Whether the file was given up, by an administrator's skip or by a queue that was full.
    var isLost: Bool { code != 0 || text.hasPrefix(Self.dropBeginning) }

    private static let dropBeginning = "dropped WAL file '"

    /// The text of a file that was dropped.
    static func dropped(_ name: String, limit: UInt64) -> SpoolMessage {
        SpoolMessage(
            code: 0, text: "\(dropBeginning)\(name)' because archive queue exceeded \(ByteCount(limit))")
    }
}
