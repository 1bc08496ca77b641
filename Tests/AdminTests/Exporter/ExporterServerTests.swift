import Foundation
import RoostTesting
import Synchronization
import Testing

@Suite struct ExporterServerTests {
    private static let counter = Atomic<Int>(0)

    /// An address of the loopback network that no other test uses.
    private static func address() -> String {
        let id = ProcessInfo.processInfo.processIdentifier
        return "127.\(100 + counter.add(1, ordering: .relaxed).newValue).\(id >> 8 & 0xFF).\(id & 0xFF)"
    }

    private func with(_ arguments: String..., body: (ScratchStanza, Client) throws -> Void) throws {
        try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
            let client = Client(address: Self.address())
            var command = try stanza.exporter("--listen", "\(client.address):9854")
            command.arguments += arguments
            let server = try command.start()
            stanza.scratch.atEnd { server.send(SIGKILL) }
            try client.waitUntilReady(server)
            try body(stanza, client)
            server.send(SIGTERM)
            let result = try server.wait().requireSuccess()
            #expect(result.standardError == "listening on \(client.address):9854\n")
        }
    }

    @Test func `GET of metrics is answered, and nothing else`() throws {
        try with { stanza, client in
            let found = try client.ask("GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
            let parts = found.components(separatedBy: "\r\n\r\n")
            try #require(parts.count == 2)
            #expect(parts[0].hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(parts[0].contains("\r\nContent-Length: \(parts[1].utf8.count)\r\n"))
            #expect(Metrics(parts[1]).values[#"pgbackrest_stanza_status{stanza="demo"}"#] == "2")
            let head = try client.ask("HEAD /metrics HTTP/1.1\\r\\n\\r\\n")
            #expect(head == parts[0] + "\r\n\r\n")
            for (request, status) in [
                ("POST /metrics HTTP/1.1\\r\\nContent-Length: 3\\r\\n\\r\\nabc", "405"),
                ("GET / HTTP/1.1\\r\\n\\r\\n", "404"),
                ("GET /metrics/../etc/passwd HTTP/1.1\\r\\n\\r\\n", "404"), ("nonsense\\r\\n\\r\\n", "400"),
                ("\\x16\\x03\\x01\\x02\\n\\n", "400"),
            ] {
                #expect(try client.ask(request).hasPrefix("HTTP/1.1 \(status) "), "\(request)")
            }
            let long = try client.ask("GET /metrics HTTP/1.1\\r\\nX: $(printf '%09000d' 0)")
            #expect(long.hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test func `a client that says nothing does not keep others waiting for long`() throws {
        try with { stanza, client in
            let silent = try client.shell("exec 3<>/dev/tcp/\(client.address)/9854; printf 'GET /me' >&3; cat <&3")
                .start()
            let begin = Date()
            #expect(try client.ask("GET /metrics HTTP/1.1\\r\\n\\r\\n").hasPrefix("HTTP/1.1 200 "))
            #expect(Date().timeIntervalSince(begin) < 10)
            #expect(try silent.wait().standardOutput == "")
        }
    }

    @Test func `a page is good for its interval`() throws {
        try with("--interval=600") { stanza, client in
            let before = try client.ask("GET /metrics HTTP/1.1\\r\\n\\r\\n")
            try stanza.backup(.roost)
            #expect(try client.ask("GET /metrics HTTP/1.1\\r\\n\\r\\n") == before)
        }
        try with("--interval=0") { stanza, client in
            let before = try client.ask("GET /metrics HTTP/1.1\\r\\n\\r\\n")
            try stanza.backup(.roost)
            let after = try client.ask("GET /metrics HTTP/1.1\\r\\n\\r\\n")
            #expect(before.contains("pgbackrest_stanza_status{stanza=\"demo\"} 2\n"))
            #expect(after.contains("pgbackrest_stanza_status{stanza=\"demo\"} 0\n"))
        }
    }

    /// Without: as the system answers that was started with `ipv6.disable=1`.
    @Test(.enabled(if: TestHost.isRoot), arguments: [true, false])
    func `without a host it listens on every address, of IPv6 too where there is any`(hasIPv6: Bool) throws {
        let without = "/usr/bin/strace -qq -e trace=socket -e inject=socket:error=EAFNOSUPPORT:when=1 -o /dev/null"
        let script = """
            ip link set lo up
            \(hasIPv6 ? "" : without) "$0" exporter --listen :9854 &
            until (exec 3<>/dev/tcp/127.0.0.1/9854) 2>/dev/null; do kill -0 $!; done
            ask() (exec 3<>/dev/tcp/$1/9854 && printf 'GET / HTTP/1.1\\r\\n\\r\\n' >&3 && head -1 <&3)
            ask 127.0.0.1
            ask ::1 || echo "no IPv6"
            """
        // The exporter ends with its namespace of processes.
        let command = Command(
            "/usr/bin/unshare", ["--net", "--pid", "--fork", "/bin/bash", "-ec", script, try Tool.roost.path],
            as: .root)
        let lines = try command.run().requireSuccess().standardOutput.split(separator: "\r\n").map { $0 }
        #expect(lines.first == "HTTP/1.1 404 Not Found")
        #expect(lines.last == (hasIPv6 ? "HTTP/1.1 404 Not Found" : "no IPv6\n"))
    }

    @Test func `an address that is none, or is taken, ends the start`() throws {
        let busy = Self.address()
        for address in ["nonsense", "127.0.0.1", "127.0.0.1:99999", "localhost:9854", "[::1:9854"] {
            try Command(try Tool.roost.path, ["exporter", "--listen", address]).run().require(status: 32)
        }
        let first = try Command(try Tool.roost.path, ["exporter", "--listen", "\(busy):9854"]).start()
        try Client(address: busy).waitUntilReady(first)
        let second = try Command(try Tool.roost.path, ["exporter", "--listen", "\(busy):9854"]).run().require(
            status: 49)
        #expect(second.standardError.contains("Address already in use"))
        first.send(SIGINT)
        try first.wait().requireSuccess()
    }
}

/// Speaks to the exporter through bash, byte by byte as told.
private struct Client {
    let address: String

    /// - Parameter request: As `printf` in double quotes understands it.
    func ask(_ request: String) throws -> String {
        try shell("exec 3<>/dev/tcp/\(address)/9854; printf \"\(request)\" >&3; cat <&3").run().requireSuccess()
            .standardOutput
    }

    func shell(_ script: String) -> Command { Command("/bin/bash", ["-c", script]) }

    func waitUntilReady(_ server: RunningCommand) throws {
        try waitUntil("the exporter to listen") {
            guard try server.isRunning() else { throw TestFailure("it ended: \(try server.wait())") }
            return try shell("exec 3<>/dev/tcp/\(address)/9854").run().succeeded
        }
    }
}
