import Glibc
import RoostSystem

/// A socket like PostgreSQL's, on port 5432, which nobody answers.
final class SilentServer {
    private let files: TemporaryDirectory
    private let descriptor: Int32

    var directory: String { files.path }

    init() throws {
        files = try TemporaryDirectory()
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(files.path)/.s.PGSQL.5432".utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 4) == 0 else {
            throw RoostError(.kernel, "no socket: \(errorText(errno))")
        }
    }

    deinit { _ = Syscall.close(descriptor) }
}
