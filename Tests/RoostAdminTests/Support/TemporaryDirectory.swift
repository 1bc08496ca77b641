import RoostSystem

/// A directory that is gone when its owner is.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = "/tmp/roost-admin-tests.\(CurrentProcess.id).\(UInt64.random(in: .min ... .max))"
        try FileSystem.createDirectory(path, mode: 0o700)
    }

    deinit { try? FileSystem.removeTree(path) }  // a leftover below /tmp harms nobody

    func path(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func file(_ name: String, _ content: String) throws -> String {
        let file = try OwnedDescriptor.create(path(name), mode: 0o600)
        try file.write(content.utf8.span.bytes)
        try file.close()
        return path(name)
    }

    func content(_ name: String) throws -> String { String(decoding: try FileSystem.read(path(name)), as: UTF8.self) }
}
