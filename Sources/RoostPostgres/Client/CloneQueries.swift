package import RoostSystem

/// All subscriptions of the cluster and the databases that they are in.
package struct Subscriptions: Query {
    package struct Subscription: Sendable, Hashable {
        package var name: String
        package var database: String
        package var isEnabled: Bool
    }

    package init() {}

    package func sql(for version: PostgresVersion) -> String {
        "select s.subname::pg_catalog.text, d.datname::pg_catalog.text, s.subenabled "
            + "from pg_catalog.pg_subscription s join pg_catalog.pg_database d on d.oid = s.subdbid order by 2, 1"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> [Subscription] {
        var found: [Subscription] = []
        for row in try result.expectRows(.text, .text, .bool) {
            found.append(Subscription(name: try row.text(0), database: try row.text(1), isEnabled: try row.bool(2)))
        }
        return found
    }
}

/// Stops a subscription of the database of the session.
package struct DisableSubscription: Query {
    let name: String

    package init(_ name: String) { self.name = name }

    package func sql(for version: PostgresVersion) -> String { "alter subscription \(quotedName(name)) disable" }

    package func parse(_ result: QueryResult) throws(RoostError) { try result.expectNothing() }
}

/// Sets a parameter in `postgresql.auto.conf`, or takes it out; a statement of its own, as the server demands.
package struct AlterSystem: Query {
    let name: String
    let value: String?

    /// - Parameters:
    ///   - name: Of a parameter, written here.
    ///   - value: Nil to reset.
    package init(_ name: String, _ value: String?) {
        self.name = name
        self.value = value
    }

    package func sql(for version: PostgresVersion) -> String {
        value.map { "alter system set \(name) = \(quoted($0))" } ?? "alter system reset \(name)"
    }

    package func parse(_ result: QueryResult) throws(RoostError) { try result.expectNothing() }
}

/// The value of a parameter, as the session sees it.
package struct CurrentSetting: Query {
    let name: String

    package init(_ name: String) { self.name = name }

    package func sql(for version: PostgresVersion) -> String {
        "select pg_catalog.current_setting(\(quoted(name)))"
    }

    package func parse(_ result: QueryResult) throws(RoostError) -> String { try result.expectRow(.text).text(0) }
}

/// A name in double quotes.
func quotedName(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
