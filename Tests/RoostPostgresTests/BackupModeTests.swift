import RoostPostgres
import RoostSystem
import Testing

/// Each test has servers of its own, which it stops or which others must not disturb.
@Suite(.serialized) struct BackupModeTests {
    private func connect(_ server: ScratchServer) throws -> PostgresSession {
        try PostgresSession(
            PostgresSession.Settings(user: "postgres", host: server.host, applicationName: "pgBackRest [backup]")
        )
    }

    @Test(arguments: ["14", "15", "16", "17", "18"])
    func `a backup is started and stopped`(major: String) throws {
        try #require(ScratchServer.binaries(major) != nil, "PostgreSQL \(major) is missing: run scripts/setup --test")
        let server = try ScratchServer(major)
        let session = try connect(server)
        #expect(session.version.text == major)

        let before = try session.run(CurrentWALSegment())
        let start = try session.run(StartBackup(fast: true))
        let control = try ControlFile.read(dataDirectory: server.dataDirectory, clock: SystemClock()).file
        #expect(control.version == session.version)
        #expect(start.lsn.description == start.lsnText)
        #expect(control.checkpoint >= start.lsn)
        #expect(start.walSegment >= before)
        #expect(
            start.walSegment
                == WALSegmentName(timeline: control.timeline, lsn: start.lsn, segmentSize: control.walSegmentSize)
        )

        let point = try session.run(CreateRestorePoint(name: "it's \\ a point"))
        #expect(point > start.lsn)
        #expect(try session.run(SwitchWAL()) == start.walSegment)
        #expect(try session.run(CurrentWALSegment()) == start.walSegment.next(segmentSize: control.walSegmentSize))

        let stop = try session.run(StopBackup())
        #expect(stop.lsn > point)
        #expect(stop.walSegment == start.walSegment.next(segmentSize: control.walSegmentSize))
        #expect(stop.label.hasPrefix("START WAL LOCATION: \(start.lsnText) (file \(start.walSegment))\n"))
        #expect(stop.label.contains("\nLABEL: pgBackRest backup started at 20"))
        #expect(stop.label.hasSuffix("\nSTART TIMELINE: 1\n"))
        #expect(stop.tablespaceMap == "")
        #expect(abs(stop.time.seconds - SystemClock().now().seconds) < 60)
        try session.run(Checkpoint())
    }

    @Test func `a tablespace is in the map`() throws {
        let server = try ScratchServer("15")
        try server.run("set allow_in_place_tablespaces = on; create tablespace \"näme\" location ''")
        let session = try connect(server)
        #expect(try session.run(Tablespaces()).last?.name == "näme")
    }

    @Test func `a server that stops in mid-backup is a clear error`() throws {
        let server = try ScratchServer("15")
        let session = try connect(server)
        _ = try session.run(StartBackup(fast: true))
        try server.stop()
        let error = failure { _ = try session.run(StopBackup()) }
        #expect(error?.code == .dbQuery)
        #expect(error?.message.contains("server closed the connection unexpectedly") == true)
        #expect(error?.hints.contains { $0.contains("lost") } == true)
        #expect(failure { _ = try session.run(IsInRecovery()) }?.code == .dbQuery)
        session.close()

        try server.start()
        #expect(try connect(server).run(IsInRecovery()) == false)
    }

    @Test func `a session that an administrator ends while it waits is a clear error`() throws {
        let server = try ScratchServer("15")
        let session = try connect(server)
        let killer = try WorkerThread { [host = server.host] in
            let settings = PostgresSession.Settings(user: "postgres", host: host, applicationName: "killer")
            // Without a killer the query ends by its own time, without an error.
            guard let killer = try? PostgresSession(settings) else { return }
            let end = """
                select count(pg_terminate_backend(pid))::text from pg_stat_activity
                where application_name = 'pgBackRest [backup]' and wait_event = 'PgSleep'
                """
            while (try? killer.run(Statement(end))) == "0" { SystemClock().sleep(milliseconds: 5) }
        }
        let error = failure { _ = try session.run(Statement("select pg_sleep(20)::text")) }
        killer.join()
        #expect(error?.code == .dbQuery)
        #expect(error?.message.contains("terminating connection due to administrator command") == true)
        #expect(error?.hints.isEmpty == false)
    }

    @Test func `a backup that times out while it starts can be started again`() throws {
        let server = try ScratchServer("15")
        try server.run("create table t as select generate_series(1, 20000)")
        let session = try connect(server)
        // Without `fast` the checkpoint is spread over minutes.
        #expect(
            failure { _ = try session.run(StartBackup(fast: false), timeout: 500) }?.message.contains("timed out")
                == true
        )
        _ = try session.run(StartBackup(fast: true))
        #expect(try session.run(StopBackup()).label.contains("START TIMELINE: 1"))
    }
}
