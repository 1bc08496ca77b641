package import RoostSystem

/// One setting of a running server.
package struct ServerSetting: Sendable, Hashable {
    /// What holds now.
    package var value: String
    /// Whether the configuration files say something else that only a restart makes hold.
    package var isPendingRestart: Bool

    package init(value: String, isPendingRestart: Bool = false) {
        self.value = value
        self.isPendingRestart = isPendingRestart
    }
}

/// Reads settings by name; those that the server does not know are missing in the answer.
package struct SettingsQuery: Query {
    private let names: [String]

    package init(_ names: [String]) { self.names = names }

    package func sql(for version: PostgresVersion) -> String {
        "select name::pg_catalog.text, setting, pending_restart from pg_catalog.pg_settings where name in ("
            + names.map(quoted).joined(separator: ", ") + ")"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> [String: ServerSetting] {
        var settings: [String: ServerSetting] = [:]
        for row in try result.expectRows(.text, .text, .bool) {
            settings[try row.text(0)] = ServerSetting(value: try row.text(1), isPendingRestart: try row.bool(2))
        }
        return settings
    }
}

/// Writes one setting into `postgresql.auto.conf`, or takes it out of there.
///
/// One setting a statement: several in one are a transaction, in which the server refuses it.
package struct AlterSystem: Query {
    private let name: String
    private let value: String?

    /// - Parameters:
    ///   - name: Of letters and underscores.
    ///   - value: Nil to take it out.
    package init(_ name: String, _ value: String?) {
        precondition(name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= $0 })
        self.name = name
        self.value = value
    }

    package func sql(for version: PostgresVersion) -> String {
        guard let value else { return "alter system reset \(name)" }
        return "alter system set \(name) = \(quoted(value))"
    }

    package func parse(_ result: QueryResult) throws(RoostError) { try result.expectNothing() }
}

/// Has the server read its configuration files; every process does so when it comes round to it.
package struct ReloadConfiguration: Query {
    package init() {}

    package func sql(for version: PostgresVersion) -> String { "select pg_catalog.pg_reload_conf()" }

    package func parse(_ result: QueryResult) throws(RoostError) -> Bool { try result.expectRow(.bool).bool(0) }
}
