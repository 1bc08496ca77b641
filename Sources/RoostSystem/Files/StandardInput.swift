internal import Glibc

/// What is handed to this process on its standard input.
package enum StandardInput {
    /// Reads to the end.
    ///
    /// Not by opening `/dev/stdin`: a pipe that another user made, as `sudo` and `su` leave it, can be read and not opened.
    ///
    /// - Parameter limit: In bytes; more is an error.
    package static func read(limit: Int = 16 << 20) throws(RoostError) -> [UInt8] {
        var content: [UInt8] = []
        let chunk = Chunk(capacity: 64 << 10)
        while true {
            chunk.removeAll()
            var count = 0
            chunk.fill { free in
                count = Syscall.read(STDIN_FILENO, free)
                return max(count, 0)
            }
            guard count >= 0 else {
                throw .system(.fileRead, unableTo: "read", "standard input", errno: Syscall.errno)
            }
            guard count > 0 else { return content }
            content += chunk.bytes.array()
            guard content.count <= limit else {
                throw RoostError(.fileRead, "standard input is larger than \(limit) bytes")
            }
        }
    }
}
