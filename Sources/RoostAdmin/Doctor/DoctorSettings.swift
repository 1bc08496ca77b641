package import RoostEngine
package import RoostSystem

/// What the doctor needs to know from the outside.
package struct DoctorSettings: Sendable {
    package var specification: ClusterSpecification
    /// The role that an inventory declares; nil if nobody has.
    package var declaredRole: ClusterSpecification.Role?
    /// Why the configuration cannot be used for the stanza; nil if it can.
    package var configurationError: RoostError?
    /// Nil without a configuration.
    package var repository: Repository?
    /// `pg1-path` of the configuration.
    package var configuredData: String?
    /// The user for the server; nil for that of the process.
    package var databaseUser: String?
    package var lockPath = "/tmp/pgbackrest"
    package var spoolPath = "/var/spool/pgbackrest"
    package var isAsynchronous = false
    /// The age of the last backup from which on it is too old, in seconds.
    package var maximumAge: Int64 = 26 * 3600
    /// Where the exporter answers, `127.0.0.1:9854`, or the path of the file that it writes; nil if none is wanted.
    package var exporter: String? = "127.0.0.1:9854"

    package init(_ specification: ClusterSpecification) { self.specification = specification }
}
