package import RoostSystem

/// Has the server keep all WAL from now on until the session ends, by a replication slot of this session.
package struct ReserveWAL: Query {
    let slot: String

    /// - Parameter slot: Lower-case letters, digits and `_`, unique on the server.
    package init(slot: String) { self.slot = slot }

    package func sql(for version: PostgresVersion) -> String {
        "select slot_name::pg_catalog.text from pg_catalog.pg_create_physical_replication_slot(\(quoted(slot)), true, true)"
    }

    package func parse(_ result: QueryResult) throws(RoostError) { _ = try result.expectRow(.text) }
}

/// Where a server has its configuration, and what its files set.
package struct ServerFiles: Query {
    package struct Setting: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package struct Row: Sendable, Hashable {
        package var configuration: String
        package var hostAccess: String
        package var userMap: String
        /// What files set, as the server shows it, with units.
        package var settings: [Setting]
    }

    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        "select name::pg_catalog.text, pg_catalog.current_setting(name)::pg_catalog.text, "
            + "(source = 'configuration file')::pg_catalog.bool from pg_catalog.pg_settings "
            + "where source = 'configuration file' or name in ('config_file', 'hba_file', 'ident_file') order by 1"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> Row {
        var row = Row(configuration: "", hostAccess: "", userMap: "", settings: [])
        for found in try result.expectRows(.text, .text, .bool) {
            let setting = Setting(name: try found.text(0), value: try found.text(1))
            switch setting.name {
            case "config_file": row.configuration = setting.value
            case "hba_file": row.hostAccess = setting.value
            case "ident_file": row.userMap = setting.value
            default: if try found.bool(2) { row.settings.append(setting) }
            }
        }
        return row
    }
}
