internal import Glibc

/// A socket that waits for clients on one address.
package struct TCPListener: ~Copyable {
    private let socket: OwnedDescriptor
    /// As it can be connected to: `127.0.0.1:9854`, with the port that the system chose for 0.
    package let address: String

    /// - Parameter address: `127.0.0.1:9854`, `[::1]:9854`; `:9854` for every address of the host.
    /// - Throws: ``ErrorCode/optionInvalidValue`` for what is no address, ``ErrorCode/hostConnect`` if it cannot be had.
    package init(_ address: String) throws(RoostError) {
        guard address.hasPrefix(":") else {
            try self.init(bound: address)
            return
        }
        do {
            try self.init(bound: "[::]\(address)")
        } catch {
            guard [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errno) else { throw error }
            // A host without IPv6.
            try self.init(bound: "0.0.0.0\(address)")
        }
    }

    private init(bound address: String) throws(RoostError) {
        let resolved = try SocketAddress(address)
        let socket = try resolved.makeSocket()
        let raw = socket.raw
        var yes: Int32 = 1
        setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        // `::` is every address of the host, those of IPv4 too, whatever net.ipv6.bindv6only says.
        var no: Int32 = 0
        setsockopt(raw, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no, socklen_t(MemoryLayout<Int32>.size))
        guard resolved.with({ bind(raw, $0, $1) }) == 0, listen(raw, 16) == 0 else {
            throw .system(.hostConnect, unableTo: "listen on", address, errno: Syscall.errno)
        }
        let port = try SocketAddress.port(of: raw, address)
        self.address = "\(resolved.host):\(port)"
        self.socket = socket
    }

    /// Waits for a client.
    ///
    /// - Parameter timeout: In milliseconds.
    /// - Returns: Nil if none came.
    package func accept(timeout: Int32) throws(RoostError) -> TCPConnection? {
        var request = pollfd(fd: socket.raw, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, timeout) > 0 else { return nil }
        let raw = Glibc.accept(socket.raw, nil, nil)
        guard raw >= 0 else {
            let number = Syscall.errno
            // The client went away before it was met.
            if [EAGAIN, ECONNABORTED, EINTR, EPROTO].contains(number) { return nil }
            throw .system(.hostConnect, unableTo: "accept a connection on", address, errno: number)
        }
        let connection = OwnedDescriptor(adopting: raw, path: "connection to \(address)")
        guard fcntl(raw, F_SETFD, FD_CLOEXEC) == 0, fcntl(raw, F_SETFL, O_NONBLOCK) == 0 else {
            throw .system(.hostConnect, unableTo: "set up a connection on", address, errno: Syscall.errno)
        }
        return TCPConnection(connection)
    }
}

/// `127.0.0.1:9854` and its kin, as the system wants it.
struct SocketAddress {
    /// As it was given, in brackets for IPv6.
    let host: String
    private let family: Int32
    private let bytes: [UInt8]

    /// - Throws: ``ErrorCode/optionInvalidValue``.
    init(_ address: String) throws(RoostError) {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
            throw Self.invalid(address)
        }
        host = String(address[..<colon])
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, String(port), &hints, &found) == 0, let first = found?.pointee
        else { throw Self.invalid(address) }
        defer { freeaddrinfo(found) }
        family = first.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: first.ai_addr, count: Int(first.ai_addrlen)))
    }

    /// A stream socket of the address' family that never blocks.
    func makeSocket() throws(RoostError) -> OwnedDescriptor {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let raw = Glibc.socket(family, flags, 0)
        guard raw >= 0 else { throw .system(.hostConnect, unableTo: "make a socket for", host, errno: Syscall.errno) }
        return OwnedDescriptor(adopting: raw, path: host)
    }

    /// Calls a function of the C library with the address, which is valid during the call only.
    func with<T>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> T) -> T {
        bytes.withUnsafeBytes { body($0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) }
    }

    /// The port that a socket is bound to.
    static func port(of raw: Int32, _ address: String) throws(RoostError) -> UInt16 {
        var name = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &name) { name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(raw, $0, &length) }
        }
        guard status == 0 else {
            throw .system(.hostConnect, unableTo: "ask for the port of", address, errno: Syscall.errno)
        }
        // The port has the same place in the addresses of both families.
        return withUnsafeBytes(of: name) { UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    private static func invalid(_ address: String) -> RoostError {
        RoostError(
            .optionInvalidValue, "'\(address)' is no address with a port",
            hints: ["it looks like 127.0.0.1:9854, [::1]:9854 or, for every address of the host, :9854"])
    }
}
