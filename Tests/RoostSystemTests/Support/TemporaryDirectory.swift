import Glibc
import RoostSystem

/// A directory that is gone when its owner is.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = "/tmp/roost-system-tests.\(CurrentProcess.id).\(UInt64.random(in: .min ... .max))"
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

/// The code of the error that a body throws; nil if it throws none.
func code(of body: () throws -> Void) -> ErrorCode? {
    do {
        try body()
        return nil
    } catch let error as RoostError {
        return error.code
    } catch {
        return .unknown
    }
}

/// Ends the process of an exit test with the status of the error that a body throws, if it throws one.
func exitWithStatus(of body: () throws -> Void) {
    if let code = code(of: body) { exit(code.exitStatus) }
}
