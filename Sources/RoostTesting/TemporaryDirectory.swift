import RoostSystem

/// A directory of the user who runs the test that is gone when its owner is, for tests of single parts; ``ScratchDirectory`` is for
/// those with servers.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        path = "/tmp/roost-tests.\(CurrentProcess.id).\(UInt64.random(in: .min ... .max))"
        try FileSystem.createDirectory(path, mode: 0o700)
    }

    deinit { try? FileSystem.removeTree(path) }  // a leftover below /tmp harms nobody

    package func path(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    package func file(_ name: String, _ content: String) throws -> String {
        let file = try OwnedDescriptor.create(path(name), mode: 0o600)
        try file.write(content.utf8.span.bytes)
        try file.close()
        return path(name)
    }

    package func content(_ name: String) throws -> String {
        String(decoding: try FileSystem.read(path(name)), as: UTF8.self)
    }
}
