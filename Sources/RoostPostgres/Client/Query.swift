package import RoostSystem

/// A statement together with what its result means.
///
/// Every name in a statement is qualified with `pg_catalog`: what a database owner put into a schema must never run in a
/// session of the superuser.
package protocol Query {
    associatedtype Row

    /// The statement for a server of a version.
    func sql(for version: PostgresVersion) -> String
    /// - Throws: ``ErrorCode/dbQuery`` if the result has not exactly the shape that the statement returns.
    func parse(_ result: QueryResult) throws(RoostError) -> Row
}

extension ServerFunctions {
    func fileName(of position: String) -> String { "pg_catalog.pg_\(wal)file_name(\(position))::pg_catalog.text" }
    var insertPosition: String { "pg_catalog.pg_current_\(wal)_insert_\(position)()" }
    var replayPosition: String { "pg_catalog.pg_last_\(wal)_replay_\(position)()" }
    var switchSegment: String { "pg_catalog.pg_switch_\(wal)()" }
}

/// The server's clock in whole milliseconds, never rounded up.
let clockExpression =
    "pg_catalog.floor(extract(epoch from pg_catalog.clock_timestamp()) * 1000)::pg_catalog.int8"

/// A text as a literal that means the same whatever `standard_conforming_strings` says.
func quoted(_ text: String) -> String {
    var literal = "E'"
    for character in text.unicodeScalars {
        if character == "'" || character == "\\" { literal.unicodeScalars.append(character) }
        literal.unicodeScalars.append(character)
    }
    return literal + "'"
}
