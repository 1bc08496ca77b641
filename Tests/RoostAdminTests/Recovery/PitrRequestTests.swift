import RoostAdmin
import Testing

@Suite struct PitrRequestTests {
    private func request(_ pitr: String) throws -> (PitrRequest, ClusterSpecification) {
        var specification = try ClusterSpecification(parsing: "{\"cluster\":\"pg-meta\",\"pitr\":\(pitr)}")
        let request = try PitrRequest(&specification)
        return (request, specification)
    }

    @Test(arguments: [
        ("{}", [String](), PitrState.Outcome.promoted), (#"{"type":"latest"}"#, [], .promoted),
        (#"{"type":"default","action":"pause"}"#, [], .promoted),
        (#"{"type":"immediate"}"#, ["--type=immediate"], .paused),
        (
            #"{"time":"2026-11-22 15:00:00+00","exclusive":"true","action":"promote"}"#,
            ["--type=time", "--target=2026-11-22 15:00:00+00", "--target-exclusive", "--target-action=promote"],
            .promoted
        ),
        (
            #"{"type":"xid","xid":778,"action":"shutdown","set":"latest","timeline":2}"#,
            ["--type=xid", "--target=778", "--target-action=shutdown", "--target-timeline=2"], .shutDown
        ),
    ])
    func `REQ-30 the mapping says where recovery goes`(
        pitr: String, options: [String], expected: PitrState.Outcome
    ) throws {
        let (request, _) = try request(pitr)
        #expect(request.goal.options == options)
        #expect(request.expected == expected)
        #expect(request.archives && request.keepsData)
    }

    @Test func `REQ-31 another directory is a copy that archives nothing, the own one is not`() throws {
        #expect(try !request(#"{"data":"/pg/other","port":5433}"#).0.archives)
        let (own, specification) = try request(#"{"data":"/pg/data"}"#)
        #expect(own.archives && !own.isElsewhere && specification.service == .auto)
    }

    @Test func `REQ-30 databases, links and workers are told to the engine`() throws {
        let (request, _) = try request(
            #"{"db_include":["a"],"db_exclude":["b"],"link_map":{"pg_wal":"/wal","log":"/log"},"process":3}"#)
        #expect(
            request.options == [
                "--delta", "--force", "--db-include=a", "--db-exclude=b", "--link-map=log=/log",
                "--link-map=pg_wal=/wal", "--process-max=3",
            ])
    }

    @Test func `REQ-30 another cluster's stanza is restored without archiving, from its own repository`() throws {
        let repository = #"{"method":"s3","path":"/r/${pg_cluster}","s3_key":"k"}"#
        let (request, specification) = try request(
            #"{"cluster":"pg-src","data":"/pg/other/","port":"5433","repo":\#(repository)}"#)
        #expect(!request.archives)
        #expect(request.source == "pg-src")
        #expect(request.repository == ["path": "/r/pg-src", "s3-key": "k"])
        #expect((specification.data, specification.port) == ("/pg/other", 5433))
        #expect(specification.service == .pgCtl)
    }

    @Test(arguments: [
        #"{"time":"2026-11-22 15:00:00","xid":7}"#, #"{"type":"xid","time":"2026-11-22 15:00:00"}"#,
        #"{"type":"time"}"#,
        #"{"type":"yesterday"}"#, #"{"action":"stop"}"#, #"{"exclusive":true}"#, #"{"cluster":"../x"}"#,
        #"{"cluster":"pg-src","archive":true}"#, #"{"tiem":"x"}"#, #"{"port":0}"#, #"{"link_map":["pg_wal"]}"#,
        #"{"data":"/pg/other"}"#, #"{"data":"/pg/other","port":5433,"archive":true}"#, "[]",
    ])
    func `REQ-30 a mapping that contradicts itself is refused`(pitr: String) {
        #expect(throws: AdminRefusal.self) { try request(pitr) }
    }

    @Test(arguments: PitrState.Phase.allCases)
    func `REQ-30 what is written of a recovery is read again`(phase: PitrState.Phase) throws {
        let (request, _) = try request(#"{"cluster":"pg-src","name":"say \"x\""}"#)
        var state = PitrState(request, cluster: "pg-meta", began: 1_800_000_000)
        #expect(try PitrState(parsing: state.json, path: "s") == state)
        state.phase = phase
        state.kept = "/pg/data-20261122-150000"
        state.outcome = .shutDown
        state.wasRunning = true
        #expect(try PitrState(parsing: state.json, path: "s") == state)
        #expect(throws: (any Error).self) { try PitrState(parsing: "{}", path: "s") }
    }
}
