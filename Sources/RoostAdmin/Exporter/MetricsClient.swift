internal import RoostSystem

/// Asks an exporter for its page, as Prometheus does.
enum MetricsClient {
    private static let pageLimit = 16 << 20

    /// - Parameter address: `127.0.0.1:9854`.
    /// - Returns: The body of the answer.
    /// - Throws: ``ErrorCode/hostConnect`` if nobody answers within five seconds, or something else does.
    static func get(_ address: String) throws(RoostError) -> String {
        let deadline = monotonicMilliseconds() + 5_000
        let connection = try TCPConnection.connect(to: address, deadline: deadline)
        try connection.sendAll(Array("GET /metrics HTTP/1.0\r\nHost: \(address)\r\n\r\n".utf8), deadline: deadline)
        let answer = String(
            decoding: try connection.receiveAll(limit: pageLimit, deadline: deadline), as: UTF8.self)
        let lines = answer.split(separator: "\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = lines.first, first.hasPrefix("HTTP/1."), first.dropFirst(8).hasPrefix(" 200 ") else {
            throw RoostError(.hostConnect, "'\(address)' does not answer GET /metrics as an exporter does")
        }
        guard let head = answer.end(ofFirst: "\r\n\r\n") else { return "" }
        return String(answer[head...])
    }
}
