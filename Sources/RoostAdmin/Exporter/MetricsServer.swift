package import RoostSystem

/// Answers `GET /metrics` to one client after the other, until it is interrupted.
///
/// It is meant for the loopback network and for a scraper that comes every minute: no keep-alive, no TLS, no second path. What
/// a client sends is bounded in size and time, so that none can hold up the next for long.
package struct MetricsServer: ~Copyable {
    /// Of a request's head, in bytes.
    private static let headLimit = 8 << 10
    /// For the whole exchange with one client, in milliseconds.
    private static let exchangeLimit: Int64 = 2_000

    private let listener: TCPListener
    /// How long a page is good for, in milliseconds.
    private let lifetime: Int64
    private let measure: () throws(RoostError) -> String
    private var page: (text: String, time: Int64)?

    /// - Parameter measure: Makes a page. Called when a client asks and the last is too old.
    package init(
        _ listener: consuming TCPListener, lifetime: Int64, measure: @escaping () throws(RoostError) -> String
    ) {
        self.listener = listener
        self.lifetime = lifetime
        self.measure = measure
    }

    /// Serves until ``Interrupt`` fires.
    ///
    /// - Throws: What keeps it from listening, and what `measure` throws; never what a client does.
    package mutating func run() throws(RoostError) {
        while Interrupt.signalNumber == nil {
            if let connection = try listener.accept(timeout: 100) { try serve(connection) }
        }
    }

    private mutating func serve(_ connection: consuming TCPConnection) throws(RoostError) {
        do {
            let deadline = monotonicMilliseconds() + Self.exchangeLimit
            let head = try connection.receiveHead(limit: Self.headLimit, deadline: deadline)
            let response = try respond(to: HTTPRequest(head))
            try connection.finish(response.bytes, deadline: monotonicMilliseconds() + Self.exchangeLimit)
        } catch {
            // The client is gone or too slow, or a signal came: nobody is left to tell.
            guard error.code == .hostConnect || error.code == .term else { throw error }
        }
    }

    private mutating func respond(to request: HTTPRequest) throws(RoostError) -> HTTPResponse {
        switch request {
        case .tooLong: return HTTPResponse(status: "431 Request Header Fields Too Large")
        case .malformed: return HTTPResponse(status: "400 Bad Request")
        case .other(let method, let path):
            guard path == "/metrics" else { return HTTPResponse(status: "404 Not Found") }
            guard method == "GET" || method == "HEAD" else { return HTTPResponse(status: "405 Method Not Allowed") }
            return HTTPResponse(status: "200 OK", page: try currentPage(), hasBody: method == "GET")
        }
    }

    private mutating func currentPage() throws(RoostError) -> String {
        let now = monotonicMilliseconds()
        if let page, now - page.time < lifetime { return page.text }
        let text = try measure()
        page = (text, monotonicMilliseconds())
        return text
    }
}
