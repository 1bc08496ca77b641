import RoostAdmin
import RoostSystem
import RoostTesting
import Testing

@Suite struct PostmasterTests {
    /// A file as a server writes it, for this very process where no other is told.
    private func file(_ directory: TemporaryDirectory, id: Int32 = CurrentProcess.id) throws {
        try directory.file(
            "postmaster.pid", "\(id)\n\(directory.path)\n1700000000\n5433\n/run/pg\n\n  1 2\nready   \n")
    }

    @Test func `without a file there is no server`() throws {
        let directory = try TemporaryDirectory()
        #expect(try Postmaster.find(directory.path) == .none)
        #expect(try Postmaster.find(directory.path("missing")) == .none)
    }

    @Test func `a process that works elsewhere is not the server`() throws {
        let directory = try TemporaryDirectory()
        try file(directory)
        #expect(try Postmaster.find(directory.path) == .stale("\(CurrentProcess.id)"))
        try directory.file("postmaster.pid", "rubbish\n")
        #expect(try Postmaster.find(directory.path) == .stale("rubbish"))
        try directory.file("postmaster.pid", "")
        #expect(try Postmaster.find(directory.path) == .stale(""))
    }

    @Test func `a process that works in the directory is`() throws {
        let directory = try TemporaryDirectory()
        var program = ChildProgram("/bin/sh", ["-c", "echo $$; exec sleep 60"])
        program.directory = directory.path
        program.timeout = 60_000
        var seen: Postmaster.Finding?
        // Ended by the error as soon as it has told its number.
        #expect(throws: RoostError.self) {
            _ = try program.run(streamingTo: { bytes throws(RoostError) in
                let id = Int32(String(decoding: bytes.array(), as: UTF8.self).prefix { $0.isNumber }) ?? 0
                do { try file(directory, id: id) } catch { throw RoostError.wrapping(error) }
                seen = try Postmaster.find(directory.path)
                throw RoostError(.term, "enough")
            })
        }
        guard case .running(let server) = seen else {
            Issue.record("not seen: \(String(describing: seen))")
            return
        }
        #expect(server.port == 5433 && server.socketDirectory == "/run/pg" && server.state == "ready")
        #expect(try Postmaster.running(in: directory.path) == nil)
    }

    @Test func `a directory of another user is left to its owner`() throws {
        let directory = try TemporaryDirectory()
        var specification = ClusterSpecification(cluster: "pg-test")
        specification.data = directory.path
        specification.service = .pgCtl
        try ServerControl(specification).requireOwner()
        specification.data = CurrentProcess.isRoot ? "/var/lib/postgresql" : "/root"
        if CurrentProcess.isRoot, try FileStatus.of(specification.data) != nil {
            let refusal = #expect(throws: AdminRefusal.self) { try ServerControl(specification).requireOwner() }
            #expect(refusal?.reason == .user)
        }
    }
}
