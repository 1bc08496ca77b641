import Glibc
import RoostPostgres
import RoostSystem
import Testing

/// One server for all: they read, or change nothing that another one looks at.
@Suite(.server("15", settings: ["archive_mode=on", "archive_command=true"]))
struct PostgresSessionTests {
    private func server() throws -> ScratchServer { try #require(ServerForSuite.current) }

    private func settings(_ change: (inout PostgresSession.Settings) -> Void = { _ in }) throws
        -> PostgresSession.Settings
    {
        var settings = PostgresSession.Settings(
            user: "postgres",
            host: try server().host,
            applicationName: "pgBackRest [test]"
        )
        change(&settings)
        return settings
    }

    private func session() throws -> PostgresSession { try PostgresSession(settings()) }

    @Test func `a session knows the server`() throws {
        let session = try session()
        let scratch = try server()
        #expect(session.version.text == "15")
        #expect(session.server.versionNumber / 10000 == 15)
        #expect(session.server.dataDirectory == scratch.dataDirectory)
        #expect(session.server.archiveMode == "on")
        #expect(session.server.archiveCommand == "true")
        #expect(session.server.checkpointTimeout == 300)
        #expect(!session.isInRecovery)
        #expect(try session.run(IsInRecovery()) == false)
        #expect(try session.run(ReplayPosition()) == nil)
    }

    @Test func `a session is set up to be safe and to last`() throws {
        let session = try session()
        let expected = [
            ("search_path", "pg_catalog"), ("client_encoding", "UTF8"), ("application_name", "pgBackRest [test]"),
            ("max_parallel_workers_per_gather", "0"), ("idle_session_timeout", "0"), ("statement_timeout", "0"),
        ]
        for (name, value) in expected { #expect(try session.run(Show(name: name)) == value, "\(name)") }
    }

    @Test func `the clock of the server is that of the machine`() throws {
        let before = SystemClock().now()
        let time = try session().run(ClockTime())
        #expect(time.milliseconds >= before.milliseconds)
        #expect(time <= SystemClock().now())
    }

    @Test func `databases and tablespaces are listed`() throws {
        let session = try session()
        let row = try session.run(Databases())
        #expect(row.databases.map(\.name).sorted() == ["postgres", "template0", "template1"])
        #expect(row.template0 == row.databases.first { $0.name == "template0" }?.oid)
        #expect(row.databases.first { $0.name == "template1" }?.oid == 1)
        let names = try session.run(Tablespaces()).map { "\($0.oid) \($0.name)" }
        #expect(names == ["1663 pg_default", "1664 pg_global"])
    }

    @Test func `a query that fails leaves the session usable`() throws {
        let session = try session()
        let error = failure { _ = try session.run(Statement("select 1/0")) }
        #expect(error?.code == .dbQuery)
        #expect(error?.message == "unable to execute query 'select 1/0': ERROR:  division by zero")
        #expect(try session.run(IsInRecovery()) == false)
    }

    @Test func `a query that takes too long is cancelled and leaves the session usable`() throws {
        let session = try session()
        let start = monotonicMilliseconds()
        let error = failure { _ = try session.run(Statement("select pg_sleep(20)::text"), timeout: 300) }
        #expect(error?.code == .dbQuery)
        #expect(error?.message == "query 'select pg_sleep(20)::text' timed out after 300ms")
        #expect(monotonicMilliseconds() - start < 5000)
        #expect(try session.run(IsInRecovery()) == false)
    }

    @Test func `a signal ends a query that runs, on the server too`() async throws {
        let host = try server().host
        await #expect(processExitsWith: .exitCode(63)) { [host = host as String] in
            Interrupt.install()
            let session = try PostgresSession(
                PostgresSession.Settings(user: "postgres", host: host, applicationName: "to be ended"))
            let killer = try WorkerThread {
                let settings = PostgresSession.Settings(user: "postgres", host: host, applicationName: "watcher")
                // Without a watcher nothing is killed, and the query ends by its own time, which is too long.
                guard let watcher = try? PostgresSession(settings) else { return }
                let isSleeping = """
                    select count(*)::text from pg_stat_activity
                    where application_name = 'to be ended' and wait_event = 'PgSleep'
                    """
                while let count = try? watcher.run(Statement(isSleeping)) {
                    guard count == "0" else {
                        kill(getpid(), SIGTERM)
                        return
                    }
                    SystemClock().sleep(milliseconds: 5)
                }
            }
            let begin = monotonicMilliseconds()
            let error = failure { _ = try session.run(Statement("select pg_sleep(60)::text")) }
            killer.join()
            guard let error, monotonicMilliseconds() - begin < 10_000 else { exit(1) }
            // The statement was cancelled: the session can be used to end a backup.
            guard try session.run(Statement("select 'usable'::text"), cancelOnInterrupt: false) == "usable" else {
                exit(2)
            }
            exit(error.code.exitStatus)
        }
        let sleeping = "select count(*)::text from pg_stat_activity where application_name = 'to be ended'"
        let session = try session()
        // The server notices that the process is gone a moment later.
        for _ in 0..<1000 where try session.run(Statement(sleeping)) != "0" { SystemClock().sleep(milliseconds: 5) }
        #expect(try session.run(Statement(sleeping)) == "0")
    }

    @Test(arguments: [
        ("select 1", "expected columns of type [25] but got [23] from 'select 1'"),
        (
            "select 'a'::text, 'b'::text",
            "expected columns of type [25] but got [25, 25] from 'select 'a'::text, 'b'::text'"
        ),
        ("select 'a'::text where false", "expected one row but got 0 from 'select 'a'::text where false'"),
        (
            "select 'a'::text union all select 'b'",
            "expected one row but got 2 from 'select 'a'::text union all select 'b''"
        ),
        ("select null::text", "column 1 of 'select null::text' is null"),
        ("set work_mem = '1MB'", "expected columns of type [25] but got [] from 'set work_mem = '1MB''"),
    ])
    func `a result of another shape is an error`(sql: String, message: String) throws {
        let session = try session()
        let error = failure { _ = try session.run(Statement(sql)) }
        #expect(error?.code == .dbQuery)
        #expect(error?.message == message)
    }

    @Test func `a setting that the user may not read is an error with advice`() throws {
        try server().run("drop role if exists limited; create role limited login")
        let error = failure { _ = try PostgresSession(settings { $0.user = "limited" }) }
        #expect(error?.code == .dbQuery)
        #expect(error?.message == "unable to select some rows from pg_settings")
        #expect(error?.hints.contains { $0.contains("pg_read_all_settings") } == true)
    }

    @Test func `no connection is an error that names the server`() throws {
        let port = failure { _ = try PostgresSession(settings { $0.port = 1 }) }
        #expect(port?.code == .dbConnect)
        #expect(port?.message.contains("port=1 ") == true)
        #expect(port?.message.contains("No such file or directory") == true)
        let database = failure { _ = try PostgresSession(settings { $0.database = "no'where" }) }
        #expect(database?.code == .dbConnect)
        #expect(database?.message.contains("database \"no'where\" does not exist") == true)
    }

    @Test func `a server that does not answer is given up`() throws {
        // A socket that listens and never accepts: the start-up packet is sent, nothing comes back.
        let listener = try SilentServer()
        let error = failure {
            _ = try PostgresSession(
                settings {
                    $0.host = listener.directory
                    $0.connectTimeout = 300
                }
            )
        }
        #expect(error?.code == .dbConnect)
        #expect(error?.message.hasSuffix("timed out after 300ms") == true)
    }

    @Test func `a closed session refuses queries and may be closed again`() throws {
        let session = try session()
        session.close()
        session.close()
        #expect(failure { _ = try session.run(IsInRecovery()) }?.code == .dbQuery)
    }
}

struct StandbySessionTests {
    @Test func `a session with a standby knows that it is one, and how far it has come`() throws {
        let server = try ScratchServer("15")
        try server.becomeStandby()
        let session = try PostgresSession(
            PostgresSession.Settings(user: "postgres", host: server.host, applicationName: "pgBackRest [test]"))
        #expect(session.isInRecovery)
        #expect(try session.run(IsInRecovery()))
        #expect(try session.run(ReplayPosition()) != nil)
        #expect(try session.run(Databases()).databases.count == 3)
    }
}

/// The value of one setting.
private struct Show: Query {
    let name: String
    func sql(for version: PostgresVersion) -> String { "select pg_catalog.current_setting('\(name)')::text" }
    func parse(_ result: QueryResult) throws(RoostError) -> String { try result.expectRow(.text).text(0) }
}

/// Anything that returns one text.
struct Statement: Query {
    let text: String
    init(_ text: String) { self.text = text }
    func sql(for version: PostgresVersion) -> String { text }
    func parse(_ result: QueryResult) throws(RoostError) -> String { try result.expectRow(.text).text(0) }
}
