import RoostAdmin
import RoostFormat
import Testing

@Suite struct ClusterSpecificationTests {
    @Test func `a name is enough, the rest has the defaults of the page`() throws {
        let specification = try ClusterSpecification(parsing: #"{"cluster":"pg-meta"}"#)
        #expect(specification == ClusterSpecification(cluster: "pg-meta"))
        #expect(specification.data == "/pg/data" && specification.port == 5432)
        #expect(specification.marker == "/etc/pgbackrest/initial.done")
        #expect(specification.repository == .init(method: "local", options: ["path": "/pg/backup"]))
        #expect(specification.isDeclaredPrimary && specification.instance == "pg-meta-1")
    }

    @Test func `keys come in any order, truth and numbers also as text`() throws {
        let specification = try ClusterSpecification(
            parsing: #"""
                {"role": "replica", "cluster": "pg-test", "seq": "2", "port": "5433", "enabled": "false", "requested": "yes",
                 "upstream": null, "members": ["10.0.0.1", "10.0.0.2"], "data": "/srv/data/", "bin_dir": "", "dbsu": "pg",
                 "restart": "never", "mismatch": "upgrade", "service": "pg_ctl", "init_backup": false, "lock": "/run/lock",
                 "crontab": ["00 01 * * * /pg/bin/pg-backup full"], "pitr": {"type": "time", "time": "n\u00f6 \ud83d\udc18"}}
                """#)
        #expect(specification.role == .replica && specification.seq == 2 && specification.port == 5433)
        #expect(!specification.enabled && specification.requested && !specification.initialBackup)
        #expect(specification.members == ["10.0.0.1", "10.0.0.2"])
        #expect(specification.data == "/srv/data" && specification.programs == nil && specification.upstream == nil)
        #expect(specification.restart == .never && specification.mismatch == .upgrade)
        #expect(specification.service == .pgCtl && specification.lock == "/run/lock")
        #expect(specification.crontab == ["00 01 * * * /pg/bin/pg-backup full"])
        #expect(specification.pitr?["time"] == .string("nö 🐘"))
        #expect(!specification.isDeclaredPrimary)
    }

    @Test func `the repository is an entry of the map with the cluster filled in`() throws {
        let specification = try ClusterSpecification(
            parsing: #"""
                {"cluster": "pg-test", "repo": {"method": "minio", "type": "s3", "s3_key_secret": "S3User.Backup",
                 "path": "/pgbackrest/${pg_cluster}/$x", "bundle": true, "retention_full": 14}}
                """#)
        #expect(
            specification.repository
                == .init(
                    method: "minio",
                    options: [
                        "type": "s3", "s3-key-secret": "S3User.Backup", "path": "/pgbackrest/pg-test/$x",
                        "bundle": "true", "retention-full": "14",
                    ]))
        let local = try ClusterSpecification(parsing: #"{"cluster":"a","backup_dir":"/b","repo":{"retention_full":2}}"#)
        #expect(local.repository == .init(method: "local", options: ["path": "/b", "retention-full": "2"]))
    }

    @Test func `Patroni's scope and member follow from the cluster`() throws {
        let specification = try ClusterSpecification(
            parsing: #"{"cluster":"pg-test","seq":3,"patroni":{"namespace":"/pg/"}}"#)
        #expect(specification.patroni?.scope == "pg-test" && specification.patroni?.member == "pg-test-3")
        #expect(specification.patroni?.namespace == "/pg")
        #expect(try ServerControl(specification).service == .patroni)
    }

    @Test(arguments: [
        (#"{}"#, "'' is not the name of a cluster"), (#"{"cluster":"a b"}"#, "'a b' is not the name of a cluster"),
        (#"{"cluster":"root"}"#, "'root'"), (#"{"cluster":"../a"}"#, "'../a'"), (#"[1]"#, "is not an object"),
        (#"{"cluster":"a","enabeld":true}"#, "unknown key 'enabeld'"), (#"{"cluster":"a""#, "is not JSON"),
        (#"{"cluster":"a","port":70000}"#, "expected 1 to 65535"), (#"{"cluster":"a","port":"x"}"#, "'port'"),
        (#"{"cluster":"a","data":"data"}"#, "'data' of the specification is not an absolute path"),
        (#"{"cluster":"a","restart":"perhaps"}"#, "one of auto, never"),
        (#"{"cluster":"a","enabled":"si"}"#, "true or false"),
        (#"{"cluster":"a","repo":[]}"#, "'repo' of the specification is not an object"),
        (#"{"cluster":"a","patroni":{"scop":"b"}}"#, "unknown key 'scop'"),
        (#"{"cluster":"a","cluster":"b"}"#, "twice"),
        (#"{"cluster":"a","dbsu":"\ud83d"}"#, "half of a character"),
    ])
    func `what cannot be read is refused with the key that is wrong`(text: String, message: String) throws {
        let refusal = #expect(throws: AdminRefusal.self) { try ClusterSpecification(parsing: text) }
        #expect(refusal?.reason == .usage)
        #expect(refusal?.description.contains(message) == true, "\(refusal?.description ?? "")")
    }
}
