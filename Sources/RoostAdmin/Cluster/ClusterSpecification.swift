package import RoostFormat

/// One member of a cluster and how its backups are wanted: what a playbook knows from its inventory, handed over as JSON
/// (`--spec`), so that secrets show in no process list.
///
/// Whatever is not told has the default of the administrator's page, so that one who types needs few words.
package struct ClusterSpecification: Sendable, Equatable {
    /// As the inventory declares it, which is not always what the server does at the moment.
    package enum Role: String, Sendable, CaseIterable { case primary, replica, standby, offline, delayed }

    /// Whether servers may be restarted for a setting that needs it.
    package enum Restart: String, Sendable, CaseIterable { case auto, never }

    /// What to do about a stanza that belongs to another cluster.
    package enum Mismatch: String, Sendable, CaseIterable { case fail, upgrade }

    /// Who starts and stops servers.
    package enum Service: String, Sendable, CaseIterable {
        /// Patroni if its configuration is told, systemd if a unit of it runs the server or would start it, else `pg_ctl`.
        case auto
        case systemd
        case pgCtl = "pg_ctl"
        case patroni
    }

    /// Where the repository is and how long it keeps: an entry of the map `pgbackrest_repo`.
    package struct Repository: Sendable, Equatable {
        /// Its name in the map, `local` or `minio`.
        package var method: String
        /// Options by their name after `repo1-`: `path`, `s3-key-secret`.
        ///
        /// The cluster's name is filled in; there may be secrets among them.
        package var options: [String: String]

        package init(method: String = "local", options: [String: String] = ["path": "/pg/backup"]) {
            self.method = method
            self.options = options
        }
    }

    /// How Patroni knows the cluster.
    package struct Patroni: Sendable, Equatable {
        /// The configuration file, for `patronictl`.
        package var configuration = "/etc/patroni/patroni.yml"
        package var scope: String
        /// The prefix of its keys in the store, without a slash at the end.
        package var namespace = "/pg"
        /// This member.
        package var member: String
    }

    /// The name of the cluster and of its stanza.
    package var cluster: String
    /// Nil if nobody has said what the member is to be.
    package var declaredRole: Role?
    package var seq = 1
    /// Of a standby cluster: the host it follows.
    package var upstream: String?
    package var members: [String] = []
    package var data = "/pg/data"
    package var port: UInt16 = 5432
    /// Where the server's programs are; nil to look for those of the data directory's version.
    package var programs: String?
    /// The directory of the server's socket; nil for what `postmaster.pid` tells.
    package var socketDirectory: String?
    /// The user that the server runs as.
    package var account = "postgres"
    /// Of systemd.
    package var unit = "postgres"
    package var configuration = "/etc/pgbackrest/pgbackrest.conf"
    package var spool = "/pg/spool"
    /// The directory of the engine's log files.
    package var log = "/pg/log/pgbackrest"
    /// The engine's `lock-path`; nil for its default.
    package var lock: String?
    /// Of base backups and, with method `local`, of the repository.
    package var backupDirectory = "/pg/backup"
    package var repository = Repository()
    package var initialBackup = true
    /// Whether the command was asked for by its name, so that ``enabled`` does not matter.
    package var requested = false
    package var enabled = true
    package var restart = Restart.auto
    package var mismatch = Mismatch.fail
    package var service = Service.auto
    package var patroni: Patroni?
    /// Lines of the crontab; nil if nothing is told, which is not the same as none.
    package var crontab: [String]?
    /// The mapping `pg_pitr`, for those who recover.
    package var pitr: JSONValue?

    package init(cluster: String) { self.cluster = cluster }

    /// What the member is to be: the primary, unless somebody has said otherwise.
    package var role: Role { declaredRole ?? .primary }

    /// Declares the member what its server is, if nobody has said so and it can be told: a command that somebody types on a standby,
    /// running or stopped, must not act as on the primary.
    package mutating func declareFoundRole() {
        guard declaredRole == nil else { return }
        switch ServerRole.find(dataDirectory: data, warn: { _ in }) {
        case .primary: declaredRole = .primary
        case .replica:
            declaredRole = .replica
            // Others may use the repository, for all that is known.
            repository.method = "shared"
        case .unknown: break
        }
    }

    /// Whether this is where stanza and backups of the cluster are made.
    package var isDeclaredPrimary: Bool { role == .primary && upstream == nil }

    /// The name of the member, `pg-meta-1`.
    package var instance: String { "\(cluster)-\(seq)" }

    /// Beside the configuration: that an initial backup was made.
    package var marker: String { besideConfiguration("initial.done") }

    /// Beside the marker: that WAL was archived by nobody for a while, and no backup has been made since.
    package var gapMarker: String { besideConfiguration("\(cluster).gap") }

    private func besideConfiguration(_ name: String) -> String {
        guard let slash = configuration.lastIndex(of: "/") else { return name }
        return configuration[...slash] + name
    }
}
