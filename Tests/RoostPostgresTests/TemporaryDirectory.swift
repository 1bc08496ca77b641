import Glibc
import RoostSystem

/// A new directory that is removed with everything in it when its owner goes away.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/roost-postgres-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RoostError(.pathCreate, "no temporary directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileSystem.removeTree(path) }

    func write(_ bytes: [UInt8], to name: String) throws {
        if let slash = name.lastIndex(of: "/") { try FileSystem.createDirectory("\(path)/\(name[..<slash])") }
        let file = try OwnedDescriptor.create("\(path)/\(name)", mode: 0o600)
        try file.write(bytes.span.bytes)
        try file.close()
    }
}
