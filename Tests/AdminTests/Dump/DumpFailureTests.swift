import Foundation
import RoostTesting
import Testing

/// Whatever happens, a name stands for a whole dump or for what it stood for before.
///
/// One after the other: what holds a dump up here would hold up those of the other tests.
@Suite(.serialized) struct DumpFailureTests {
    @Test(
        arguments: [
            ([], 3), (["a", "b"], 3), ([""], 3), (["--all", "--globals"], 3), (["--nonsense", "second"], 3),
            (["--all=1"], 3), (["--output", "xml", "second"], 3), (["-d"], 3), (["-f", "a/b", "second"], 3),
            (["-f", "", "second"], 3), (["-f", "..", "second"], 3), (["second", "--", "-f", "x"], 3),
            (["second", "--", "-W"], 3), (["--globals", "--", "-Fc"], 3), (["-d", "nowhere", "second"], 73),
            (["postgres://x:y%@z/", "--", "-s"], 3), (["nowhere"], 1), (["second", "--", "-j2"], 1),
            (["second", "--", "-Fx"], 1), (["second", "--", "--nonsense"], 1), (["second", "--", "second"], 1),
            (["second", "--", "-t", "nowhere"], 1),
        ] as [([String], Int32)])
    func `REQ-29 what is wrong is told, with the exit status of pg_dump where it says so`(
        arguments: [String], status: Int32
    ) throws {
        try DumpBed.with { bed in
            try bed.place.file("earlier")
            let arguments = arguments.contains("-f") ? arguments : ["-f", "earlier"] + arguments
            let result = try bed.command(arguments).run().require(status: status)
            #expect(!result.standardError.isEmpty)
            #expect(try bed.place.files == ["earlier"])
            #expect(try bed.place.content("earlier") == "an earlier backup")
        }
    }

    @Test(arguments: [("exit 7", 7), ("kill -KILL $$", 137), ("exit 0", 102)] as [(String, Int32)])
    func `REQ-29 half a dump leaves nothing, and the exit status is kept`(ending: String, status: Int32) throws {
        try DumpBed.with { bed in
            try bed.place.file("earlier")
            let write =
                status == 102
                ? "" : "for word; do case $word in --file=*) echo half > \"${word#--file=}\";; esac; done\n"
            let programs = try bed.fake(write + ending)
            try bed.run("-f", "earlier", "--bin-dir", programs, "second").require(status: status)
            #expect(try bed.place.files == ["earlier"])
            #expect(try bed.place.content("earlier") == "an earlier backup")
        }
    }

    @Test func `REQ-29 a file is replaced when the dump has succeeded, a directory never`() throws {
        try DumpBed.with { bed in
            try bed.place.file("earlier")
            try bed.run("-f", "earlier", "second").requireSuccess()
            #expect(try bed.place.content("earlier").contains("COPY public.only_here"))
            #expect(try bed.mode("earlier") == 0o600)
            try bed.run("-f", "dir", "second", "--", "-Fd").requireSuccess()
            let toc = try contents(bed.place.path("dir/toc.dat"))
            let refused = try bed.run("-f", "dir", "second", "--", "-Fd").require(status: 40)
            #expect(refused.standardError.contains("does not replace it"))
            #expect(try contents(bed.place.path("dir/toc.dat")) == toc)
            #expect(try bed.place.files == ["dir", "earlier"])
        }
    }

    @Test(.enabled(if: TestHost.isRoot), arguments: [["-Fp"], ["-Fd"]])
    func `REQ-29 a full disk leaves nothing under the name`(options: [String]) throws {
        let bed = try BaseBackupBed.shared()
        try ScratchDirectory.with { scratch in
            let disk = try MemoryFileSystem(megabytes: 1, named: "disk", in: scratch)
            let place = try Place(in: scratch, destination: disk.mountPoint)
            let dump = DumpBed(bed: bed, place: place)
            try place.file("earlier")
            let name = options == ["-Fd"] ? "dir" : "earlier"
            let result = try dump.command(["-f", name, "postgres", "--", "-Z0"] + options).run().require(status: 1)
            #expect(result.standardError.contains("No space left on device"))
            #expect(try place.files == ["earlier"])
            #expect(try place.content("earlier") == "an earlier backup")
        }
    }

    @Test(arguments: [["postgres", "--", "-Fd"], ["--all"]])
    func `REQ-29 a server that is gone in the middle leaves nothing under the name`(arguments: [String]) throws {
        try DumpBed.with(isApart: true) { bed in
            try bed.whileLocked {
                let run = try bed.command(["-f", "x"] + arguments).start()
                try bed.waitUntilHeldUp()
                try bed.cluster.query(
                    "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")
                let result = try run.wait().require(status: 1)
                #expect(result.standardError.contains("terminating connection"), "\(result)")
                #expect(try bed.place.files == [])
            }
        }
    }

    @Test(arguments: [["postgres"], ["postgres", "--", "-Fd", "-j2"], ["--all"]], [SIGTERM, SIGINT])
    func `REQ-29 a signal ends the tool and the programs that it started`(arguments: [String], signal: Int32) throws {
        try DumpBed.with(isApart: true) { bed in
            try bed.whileLocked {
                let run = try bed.command(["-f", "x", "-d", bed.place.destination] + arguments).start()
                try bed.waitUntilHeldUp()
                #expect(try processList().contains(bed.place.destination))
                run.send(signal)
                try run.wait().require(status: 63)
                #expect(try bed.place.files == [])
                try waitUntil("all programs to end") { try !processList().contains(bed.place.destination) }
            }
        }
    }

    @Test(arguments: [["postgres"], ["postgres", "--", "-Fd"]])
    func `REQ-29 what a killed run leaves behind goes with the next, but not what another is writing`(
        arguments: [String]
    ) throws {
        try DumpBed.with(isApart: true) { bed in
            try bed.whileLocked {
                let run = try bed.command(["-f", "x"] + arguments).start()
                try bed.waitUntilHeldUp()
                let files = try bed.place.files
                #expect(files == [".x.roost-dump.lock", ".x.roost-dump.part"])
                let busy = try bed.command(["-f", "x"] + arguments).run().require(status: 50)
                #expect(busy.standardError.contains("unable to acquire lock"))
                try bed.run("-f", "other", "second").requireSuccess()
                #expect(try bed.place.files == files + ["other"])
                run.send(SIGKILL)
                _ = try run.wait()
                try bed.run("-f", "other", "second").requireSuccess()
                #expect(try bed.place.files == ["other"])
            }
        }
    }

    @Test(arguments: ["fsync:1:EIO", "rename:1:ENOSPC", "fsync:2:EIO"])
    func `REQ-29 a dump that is not durable does not count`(fault: String) throws {
        try DumpBed.with { bed in
            try bed.place.file("earlier")
            let result = try bed.run("-f", "earlier", "second", environment: ["ROOST_FAULT": fault])
            #expect(result.status != 0)
            // The last fsync is that of the directory: the name is there, and whether it stays nobody knows.
            let isNew = try bed.place.content("earlier") != "an earlier backup"
            #expect(isNew == (fault == "fsync:2:EIO"))
            #expect(try bed.place.files == ["earlier"])
        }
    }

    @Test func `REQ-29 what somebody has put in the place of the dump is not followed`() throws {
        try DumpBed.with { bed in
            let precious = try bed.place.scratch.directory("precious")
            try bed.place.scratch.file("precious/file", "")
            for target in [precious, try bed.place.scratch.directory("empty")] {
                // Not one that a killed run of the user has left: it is root's.
                let part = bed.place.path(".dir.roost-dump.part")
                try FileManager.default.createSymbolicLink(atPath: part, withDestinationPath: target)
                let refused = try bed.run("-f", "dir", "second", "--", "-Fd")
                #expect(!refused.succeeded && refused.standardError.contains("roost-dump.part"), "\(refused)")
                #expect(try !bed.place.files.contains("dir"))
                unlink(part)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: precious) == ["file"])
        }
    }
}
