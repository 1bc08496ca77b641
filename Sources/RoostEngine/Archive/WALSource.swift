internal import RoostPostgres
package import RoostSystem

/// Where the file lies that PostgreSQL wants archived or restored, and which cluster asks.
package enum WALPath {
    /// The absolute path for PostgreSQL's `%p`, which is relative to the data directory.
    ///
    /// - Throws: ``ErrorCode/optionInvalidValue`` if the command does not run in the data directory that it is told of: it
    ///   would read another cluster's WAL.
    package static func resolve(
        _ argument: String, dataDirectory: String?, command: String
    ) throws(RoostError) -> String {
        if argument.hasPrefix("/") { return argument }
        guard let dataDirectory else {
            throw RoostError(
                .optionRequired, "option 'pg1-path' must be specified when relative wal paths are used",
                hints: ["is %f passed to \(command) instead of %p?", "PostgreSQL may pass relative paths even with %p"])
        }
        let current = try CurrentProcess.workingDirectory()
        if current != dataDirectory {
            try CurrentProcess.changeDirectory(dataDirectory)
            let resolved = try CurrentProcess.workingDirectory()
            guard resolved == current else {
                throw RoostError(
                    .optionInvalidValue,
                    "PostgreSQL working directory '\(current)' is not the same as option pg1-path '\(dataDirectory)'",
                    hints: ["is the PostgreSQL data_directory configured the same as the pg1-path option?"])
            }
        }
        return "\(dataDirectory)/\(argument)"
    }
}
