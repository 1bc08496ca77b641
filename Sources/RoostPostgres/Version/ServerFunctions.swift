/// What the SQL functions of a server version are called and how they are called.
struct ServerFunctions: Sendable {
    enum Naming: Sendable { case xlog, wal }

    let naming: Naming
    /// The expression list after the label of the function that starts a backup, with the place of `fast` given.
    let startBackup: @Sendable (_ label: String, _ fast: Bool) -> String
    /// The call that ends a backup.
    let stopBackup: String

    /// The word for the log in names: `pg_walfile_name`, `pg_xlogfile_name`.
    var wal: String { naming == .wal ? "wal" : "xlog" }
    /// The word for a position in names.
    var position: String { naming == .wal ? "lsn" : "location" }

    /// 9.6: exclusive unless told otherwise; always waits for archiving, which is checked by Roost itself.
    static let xlog = ServerFunctions(
        naming: .xlog,
        startBackup: { label, fast in "pg_catalog.pg_start_backup(\(label), \(fast), false)" },
        stopBackup: "pg_catalog.pg_stop_backup(false)"
    )
    /// 10 to 14: the second `false` is not to wait for archiving.
    static let wal10 = ServerFunctions(
        naming: .wal,
        startBackup: { label, fast in "pg_catalog.pg_start_backup(\(label), \(fast), false)" },
        stopBackup: "pg_catalog.pg_stop_backup(false, false)"
    )
    /// 15 on: new names, and no exclusive form any more.
    static let wal15 = ServerFunctions(
        naming: .wal,
        startBackup: { label, fast in "pg_catalog.pg_backup_start(\(label), \(fast))" },
        stopBackup: "pg_catalog.pg_backup_stop(false)"
    )
}
