package import RoostSystem

/// The type of a result column, by PostgreSQL's fixed object id.
package enum ColumnType: UInt32, Sendable {
    case bool = 16
    case int8 = 20
    case int4 = 23
    case text = 25
    case oid = 26
}

/// What a query returned, copied out of libpq; empty for a command that returns nothing.
package struct QueryResult: Sendable {
    let query: String
    /// Object ids of the types.
    let columns: [UInt32]
    let rows: [[String?]]

    init(query: String, columns: [UInt32] = [], rows: [[String?]] = []) {
        self.query = query
        self.columns = columns
        self.rows = rows
    }

    /// Copies a result.
    ///
    /// - Throws: ``ErrorCode/dbQuery`` if a value is not UTF-8, which the session asked for.
    init(query: String, copying result: LibPQ.Result, of library: LibPQ) throws(RoostError) {
        let width = unsafe library.columnCount(result)
        self.query = query
        columns = (0..<width).map { unsafe library.columnType(result, $0) }
        var rows: [[String?]] = []
        for row in 0..<(unsafe library.rowCount(result)) {
            var values: [String?] = []
            for column in 0..<width {
                guard unsafe library.isNull(result, row, column) == 0,
                    let text = unsafe library.value(result, row, column)
                else {
                    values.append(nil)
                    continue
                }
                guard let value = unsafe String(validatingCString: text) else {
                    throw RoostError(.dbQuery, "column \(column + 1) of '\(query)' is not valid UTF-8")
                }
                values.append(value)
            }
            rows.append(values)
        }
        self.rows = rows
    }

    /// Checks that the columns are those that a query was written to return.
    ///
    /// - Throws: ``ErrorCode/dbQuery``.
    package func expectRows(_ types: ColumnType...) throws(RoostError) -> [ResultRow] {
        try check(types)
        return rows.map { ResultRow(query: query, values: $0) }
    }

    /// The same for a query that returns exactly one row.
    package func expectRow(_ types: ColumnType...) throws(RoostError) -> ResultRow {
        try check(types)
        guard rows.count == 1, let values = rows.first else {
            throw RoostError(.dbQuery, "expected one row but got \(rows.count) from '\(query)'")
        }
        return ResultRow(query: query, values: values)
    }

    /// The same for a command that returns nothing.
    package func expectNothing() throws(RoostError) { try check([]) }

    private func check(_ types: [ColumnType]) throws(RoostError) {
        guard columns == types.map(\.rawValue) else {
            throw RoostError(
                .dbQuery,
                "expected columns of type \(types.map(\.rawValue)) but got \(columns) from '\(query)'"
            )
        }
    }
}
