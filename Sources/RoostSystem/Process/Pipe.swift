internal import CLinux
internal import Glibc

/// Both ends of a pipe; neither passes to a program that is started unless it is made one of its streams.
struct Pipe: ~Copyable {
    var reader: OwnedDescriptor
    var writer: OwnedDescriptor

    /// - Parameters:
    ///   - what: As messages name it.
    ///   - size: How much it holds, in bytes; a smaller one that the system insists on is used.
    init(_ what: String, size: Int32) throws(RoostError) {
        var ends: [Int32] = [-1, -1]
        guard CLinux_pipe(&ends) == 0 else {
            throw .system(.kernel, unableTo: "make a pipe for", what, errno: Syscall.errno)
        }
        // Above the standard streams, which a program started by cron may not have: one must not be given its own place.
        let first = OwnedDescriptor(adopting: ends[0], path: what)
        let second = OwnedDescriptor(adopting: ends[1], path: what)
        let reader = try first.aboveStreams()
        let writer = try second.aboveStreams()
        _ = CLinux_set_pipe_size(writer.raw, size)
        self.reader = reader
        self.writer = writer
    }
}

extension OwnedDescriptor {
    /// A file without a name, with a content, to be read from its start.
    static func memory(_ what: String, _ content: [UInt8]) throws(RoostError) -> OwnedDescriptor {
        let raw = CLinux_memory_file(what)
        guard raw >= 0 else {
            throw .system(.kernel, unableTo: "make a file in memory for", what, errno: Syscall.errno)
        }
        let file = try OwnedDescriptor(adopting: raw, path: what).aboveStreams()
        try file.write(content.span.raw)
        try file.seek(to: 0)
        return file
    }

    /// The same open file under a number that is none of a standard stream.
    fileprivate consuming func aboveStreams() throws(RoostError) -> OwnedDescriptor {
        guard raw <= STDERR_FILENO else { return self }
        return try duplicate(atLeast: STDERR_FILENO + 1)
    }
}
