package import RoostPostgres

/// What one logical dump is to be.
package struct DumpSettings: Sendable {
    package enum Scope: Sendable, Equatable {
        /// One database, by `pg_dump`.
        case database
        /// Every database with roles and tablespaces, by `pg_dumpall`.
        case all
        /// Roles and tablespaces, which no dump of one database holds, by `pg_dumpall`.
        case globals
    }

    package var scope: Scope
    /// The name of a database or how to reach it; an empty one leaves everything to libpq's environment.
    package var source: ConnectionString
    /// A directory that exists.
    package var directory = "."
    /// A name without a directory; nil for `<database>_<date>-<time>` with an end that tells the format.
    package var file: String?
    /// Options of the program that dumps, passed on as they are.
    package var options: [String] = []
    /// Where the program is looked for; empty for every place where PostgreSQL's packages put it, and `PATH`.
    package var programDirectories: [String] = []
    /// Whether what the program says goes into the report; else it is said as it comes.
    package var reportsErrors = false
    package var isDryRun = false

    package init(_ scope: Scope, of source: ConnectionString) {
        self.scope = scope
        self.source = source
    }

    /// `pg_dump` or `pg_dumpall`.
    package var program: String { scope == .database ? "pg_dump" : "pg_dumpall" }
}
