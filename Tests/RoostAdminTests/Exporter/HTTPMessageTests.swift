import RoostAdmin
import Testing

@Suite struct HTTPMessageTests {
    @Test(
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", .other(method: "GET", path: "/metrics")),
            ("HEAD /metrics?x=1&y HTTP/1.0\n\n", .other(method: "HEAD", path: "/metrics")),
            ("GET / HTTP/1.1\r\n\r\n", .other(method: "GET", path: "/")),
            ("get /metrics HTTP/1.1\r\n\r\n", .other(method: "get", path: "/metrics")),
            ("GET /metrics HTTP/2.0\r\n\r\n", .malformed), ("GET  /metrics HTTP/1.1\r\n\r\n", .malformed),
            ("GET metrics HTTP/1.1\r\n\r\n", .malformed), ("GET /metrics\r\n\r\n", .malformed),
            ("\r\n\r\n", .malformed),
            ("GET http://x/metrics HTTP/1.1\r\n\r\n", .malformed), ("GET /m\u{1}etrics HTTP/1.1\r\n\r\n", .malformed),
            ("GET /größe HTTP/1.1\r\n\r\n", .malformed), ("", .malformed), ("   ", .malformed),
        ] as [(String, HTTPRequest)])
    func `the first line of a request is understood or refused`(text: String, request: HTTPRequest) {
        #expect(HTTPRequest(Array(text.utf8)) == request)
    }

    @Test func `a request that is too long is known as such`() {
        #expect(HTTPRequest(nil) == .tooLong)
    }

    @Test func `whatever somebody sends is read without a trap`() {
        var random = Seeded(state: 7)
        let seed = Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            if case .other(let method, let path) = HTTPRequest(
                Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
            {
                #expect(path.hasPrefix("/") && !method.contains(" "))
            }
        }
    }
}

private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}
