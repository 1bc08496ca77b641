package import RoostSystem

/// One row of a result, read by column from 0.
///
/// A null or a text that is no value of the wanted kind is an error.
package struct ResultRow: Sendable {
    let query: String
    let values: [String?]

    package func isNull(_ column: Int) -> Bool { values[column] == nil }

    package func text(_ column: Int) throws(RoostError) -> String {
        guard let value = values[column] else { throw failure(column, "null") }
        return value
    }

    package func bool(_ column: Int) throws(RoostError) -> Bool {
        switch try text(column) {
        case "t": true
        case "f": false
        default: throw failure(column, "no boolean")
        }
    }

    package func integer<T: FixedWidthInteger>(_ column: Int, as type: T.Type = T.self) throws(RoostError) -> T {
        try read(column, "no \(T.self)") { T($0) }
    }

    /// A time in milliseconds since 1970.
    package func time(_ column: Int) throws(RoostError) -> UnixTime {
        let (seconds, rest) = try integer(column, as: Int64.self).quotientAndRemainder(dividingBy: 1000)
        guard rest >= 0 else { throw failure(column, "a time before 1970") }
        return UnixTime(seconds: seconds, nanoseconds: Int32(rest) * 1_000_000)
    }

    package func lsn(_ column: Int) throws(RoostError) -> LSN { try read(column, "no position") { LSN($0) } }

    package func walSegment(_ column: Int) throws(RoostError) -> WALSegmentName {
        try read(column, "no WAL segment name") { WALSegmentName($0) }
    }

    private func read<Value>(
        _ column: Int,
        _ problem: String,
        _ parse: (String) -> Value?
    ) throws(RoostError) -> Value {
        guard let value = parse(try text(column)) else { throw failure(column, problem) }
        return value
    }

    private func failure(_ column: Int, _ problem: String) -> RoostError {
        RoostError(.dbQuery, "column \(column + 1) of '\(query)' is \(problem)")
    }
}
