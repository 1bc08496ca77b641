internal import Glibc

/// By what this host is known.
package enum HostAddress {
    /// The IPv4 addresses of all interfaces but the loopback ones, in the order of the system: `10.0.0.7`.
    package static func addresses() throws(RoostError) -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else {
            throw .system(.kernel, unableTo: "list the", "network interfaces", errno: Syscall.errno)
        }
        defer { freeifaddrs(first) }
        var found: [String] = []
        var next = first
        let loopback: UInt32 = 0x8  // IFF_LOOPBACK
        while let interface = next?.pointee {
            next = interface.ifa_next
            guard interface.ifa_flags & loopback == 0, let address = interface.ifa_addr,
                Int32(address.pointee.sa_family) == AF_INET
            else { continue }
            // The family says that it is an IPv4 address.
            let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr }
            found.append(withUnsafeBytes(of: number) { $0.map(String.init).joined(separator: ".") })
        }
        return found
    }

    /// The name of the host.
    package static func name() throws(RoostError) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else {
            throw .system(.kernel, unableTo: "get the", "name of the host", errno: Syscall.errno)
        }
        return buffer.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
