internal import Glibc

/// A connection, seen from either end.
///
/// Whatever the other end does wrong, and a time limit that is over, is ``ErrorCode/hostConnect``. Deadlines are by
/// ``monotonicMilliseconds()``; ``Interrupt`` ends every wait.
package struct TCPConnection: ~Copyable {
    private let socket: OwnedDescriptor

    init(_ socket: consuming OwnedDescriptor) { self.socket = socket }

    /// Connects to an address as ``TCPListener`` takes it.
    package static func connect(to address: String, deadline: Int64) throws(RoostError) -> TCPConnection {
        let resolved = try SocketAddress(address)
        let socket = try resolved.makeSocket()
        let raw = socket.raw
        if resolved.with({ Glibc.connect(raw, $0, $1) }) != 0, Syscall.errno != EINPROGRESS {
            throw .system(.hostConnect, unableTo: "connect to", address, errno: Syscall.errno)
        }
        let connection = TCPConnection(socket)
        try connection.wait(POLLOUT, deadline)
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(raw, SOL_SOCKET, SO_ERROR, &failure, &length)
        guard failure == 0 else { throw .system(.hostConnect, unableTo: "connect to", address, errno: failure) }
        return connection
    }

    /// Reads up to and with the empty line that ends the head of a request.
    ///
    /// - Returns: Nil if it is longer than the limit.
    package func receiveHead(limit: Int, deadline: Int64) throws(RoostError) -> [UInt8]? {
        var head: [UInt8] = []
        while true {
            let bytes = try receive(deadline)
            guard !bytes.isEmpty else { throw lost("has ended the connection") }
            head += bytes
            if Self.hasEnd(head) { return head }
            if head.count > limit { return nil }
        }
    }

    /// Reads until the other end has said all.
    package func receiveAll(limit: Int, deadline: Int64) throws(RoostError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try receive(deadline)
            guard !bytes.isEmpty else { return all }
            all += bytes
            guard all.count <= limit else { throw lost("sends more than \(limit) bytes") }
        }
    }

    /// Sends everything.
    package func sendAll(_ bytes: [UInt8], deadline: Int64) throws(RoostError) {
        var sent = 0
        while sent < bytes.count {
            try wait(POLLOUT, deadline)
            let count = bytes.withUnsafeBytes { all in
                Syscall.write(socket.raw, UnsafeRawBufferPointer(rebasing: all[sent...]))
            }
            if count < 0, Syscall.errno == EAGAIN { continue }
            guard count > 0 else { throw lost("takes no more") }
            sent += count
        }
    }

    /// Sends everything and the end; then waits for a moment until the other end has closed too.
    ///
    /// Bytes of the other end that are left unread would make the system throw away what was sent.
    package func finish(_ bytes: [UInt8], deadline: Int64) throws(RoostError) {
        try sendAll(bytes, deadline: deadline)
        shutdown(socket.raw, Int32(SHUT_WR))
        let end = min(deadline, monotonicMilliseconds() + 1000)
        while try !receive(end).isEmpty {}
    }

    /// - Returns: What has come; empty at the end.
    private func receive(_ deadline: Int64) throws(RoostError) -> [UInt8] {
        let chunk = Chunk(capacity: 16 << 10)
        while true {
            try wait(POLLIN, deadline)
            var count = 0
            chunk.fill { free in
                count = Syscall.read(socket.raw, free)
                return max(count, 0)
            }
            if count < 0, Syscall.errno == EAGAIN { continue }
            guard count >= 0 else { throw lost("has broken the connection") }
            return chunk.bytes.array()
        }
    }

    private func wait(_ events: Int32, _ deadline: Int64) throws(RoostError) {
        while true {
            try Interrupt.check()
            let remaining = deadline - monotonicMilliseconds()
            guard remaining > 0 else { throw lost("is too slow") }
            var request = pollfd(fd: socket.raw, events: Int16(events), revents: 0)
            if poll(&request, 1, Int32(min(remaining, 100))) > 0 { return }
        }
    }

    private func lost(_ what: String) -> RoostError {
        RoostError(.hostConnect, "\(socket.path): the other end \(what)")
    }

    private static func hasEnd(_ head: [UInt8]) -> Bool {
        var lineLength = 0
        for byte in head {
            switch byte {
            case UInt8(ascii: "\n") where lineLength == 0: return true
            case UInt8(ascii: "\n"): lineLength = 0
            case UInt8(ascii: "\r"): continue
            default: lineLength += 1
            }
        }
        return false
    }
}
