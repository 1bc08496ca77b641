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
        while try fill(chunk) {
            content += chunk.bytes.array()
            guard content.count <= limit else {
                throw RoostError(.fileRead, "standard input is larger than \(limit) bytes")
            }
        }
        return content
    }

    /// What somebody types, without the line feed; nil at the end of input.
    ///
    /// - Throws: ``ErrorCode/term`` as soon as a signal comes.
    package static func readLine() throws(RoostError) -> String? {
        var line: [UInt8] = []
        // What follows the line is for whoever reads next.
        let byte = Chunk(capacity: 1)
        while try fill(byte) {
            let value = byte.bytes.array()[0]
            guard value != UInt8(ascii: "\n") else { return String(decoding: line, as: UTF8.self) }
            line.append(value)
            guard line.count <= 4096 else { throw RoostError(.fileRead, "a line of more than 4096 bytes was typed") }
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    /// Reads what fits and is there, after waiting for it.
    ///
    /// - Returns: Whether there was something; false at the end of input.
    private static func fill(_ chunk: Chunk) throws(RoostError) -> Bool {
        try wait()
        chunk.removeAll()
        var count = 0
        chunk.fill { free in
            count = Syscall.read(STDIN_FILENO, free)
            return max(count, 0)
        }
        guard count >= 0 else {
            throw .system(.fileRead, unableTo: "read", "standard input", errno: Syscall.errno)
        }
        return count > 0
    }

    /// Waits until there is something to read, or the end.
    ///
    /// A read that a signal interrupts would begin anew.
    private static func wait() throws(RoostError) {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        repeat { try Interrupt.check() } while poll(&descriptor, 1, 100) <= 0
    }
}
