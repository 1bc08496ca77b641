/// The first line of a request; nothing else in its head matters here.
package enum HTTPRequest: Sendable, Equatable {
    /// More than one may send.
    case tooLong
    case malformed
    case other(method: String, path: String)

    /// - Parameter head: All bytes up to the empty line; nil if it did not come within the limit.
    package init(_ head: [UInt8]?) {
        guard let head else {
            self = .tooLong
            return
        }
        let line = head.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, line.allSatisfy({ (0x20..<0x7F).contains($0) }), words[1].first == UInt8(ascii: "/"),
            words[2].elementsEqual("HTTP/1.1".utf8) || words[2].elementsEqual("HTTP/1.0".utf8)
        else {
            self = .malformed
            return
        }
        let target = words[1].prefix { $0 != UInt8(ascii: "?") }
        self = .other(method: String(decoding: words[0], as: UTF8.self), path: String(decoding: target, as: UTF8.self))
    }
}

/// A whole answer; the connection ends after it.
package struct HTTPResponse: Sendable {
    private let status: String
    private let body: [UInt8]
    private let type: String
    private let hasBody: Bool

    /// What went wrong, as its own page.
    init(status: String) {
        self.status = status
        body = Array("\(status)\n".utf8)
        type = "text/plain; charset=utf-8"
        hasBody = true
    }

    /// - Parameter hasBody: False for an answer that only tells how long the page is.
    init(status: String, page: String, hasBody: Bool) {
        self.status = status
        body = Array(page.utf8)
        type = MetricsPage.contentType
        self.hasBody = hasBody
    }

    package var bytes: [UInt8] {
        let allow = status.hasPrefix("405") ? "Allow: GET, HEAD\r\n" : ""
        let head = """
            HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\(allow)Connection: close\r\n\r\n
            """
        return Array(head.utf8) + (hasBody ? body : [])
    }
}
