import Foundation
import RoostTesting
import Synchronization

/// A store for Patroni: etcd with one member, on a loopback address that no other test uses.
struct EtcdServer {
    private static let counter = Atomic<Int>(0)
    private static let addresses = 4

    private let first: Int

    /// For Patroni's configuration.
    var client: String { "\(address(0)):2379" }

    /// Starts it; it ends with the directory.
    init(in scratch: ScratchDirectory) throws {
        first = 100 + Self.counter.add(1, ordering: .relaxed).oldValue * Self.addresses
        let (client, peer) = ("http://\(address(0)):2379", "http://\(address(0)):2380")
        let process = try Command(
            "/usr/bin/etcd",
            [
                "--data-dir=\(try scratch.directory("etcd", mode: 0o700))", "--listen-client-urls=\(client)",
                "--advertise-client-urls=\(client)", "--listen-peer-urls=\(peer)",
                "--initial-advertise-peer-urls=\(peer)", "--initial-cluster=default=\(peer)", "--unsafe-no-fsync",
            ]
        ).start()
        scratch.atEnd {
            process.send(SIGKILL)
            _ = try process.wait()
        }
    }

    /// One of the addresses that belong to this test; the store itself is at 0.
    func address(_ number: Int) -> String {
        precondition(number < Self.addresses && first + number < 256, "no more loopback addresses")
        let id = ProcessInfo.processInfo.processIdentifier
        return "127.\(first + number).\(id >> 8 & 0xFF).\(id & 0xFF)"
    }
}
