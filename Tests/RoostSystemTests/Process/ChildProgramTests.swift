import Glibc
import RoostSystem
import RoostTesting
import Testing

@Suite struct ChildProgramTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func shell(_ script: String) -> ChildProgram { ChildProgram("/bin/sh", ["-c", script]) }

    @Test func `both streams and the exit status are told apart`() throws {
        let result = try shell("echo out; echo err >&2; exit 3").run()
        #expect(result.ending == .exited(3))
        #expect(result.output == "out\n")
        #expect(result.errors == "err\n")
        #expect(result.status == 3)
        #expect(!result.succeeded)
        #expect(result.failure("unable to try").message == "unable to try: sh ended with exit status 3: err")
    }

    @Test func `a program that is killed is no success`() throws {
        let result = try shell("kill -9 $$").run()
        #expect(result.ending == .killed(signal: 9))
        #expect(result.status == 137)
        #expect(!result.succeeded)
    }

    @Test func `arguments and environment arrive as they are`() throws {
        var program = ChildProgram("/usr/bin/printenv", ["A", "B"])
        program.environment = ["A": "x y='$HOME'", "B": "2", "PATH": nil]
        #expect(try program.run().output == "x y='$HOME'\n2\n")
        program = ChildProgram("/usr/bin/printf", ["%s|", "a b", "$(id)", ""])
        #expect(try program.run().output == "a b|$(id)||")
        var without = ChildProgram("/usr/bin/env", [])
        without.environment = ["PATH": nil]
        #expect(try without.run().output.split(separator: "\n").allSatisfy { !$0.hasPrefix("PATH=") })
    }

    @Test func `input of any length is read without a deadlock`() throws {
        var program = ChildProgram("/bin/cat")
        program.input = .bytes([UInt8](repeating: 0x61, count: 5 << 20))
        #expect(try program.run().output.utf8.count == 5 << 20)
        program.input = .nothing
        #expect(try program.run().output == "")
    }

    @Test func `output is streamed as it comes, and no more than asked for is kept`() throws {
        var bytes = 0
        let result = try shell("head -c 3000000 /dev/zero").run(streamingTo: { span throws(RoostError) in
            bytes += span.byteCount
        })
        #expect(result.succeeded)
        #expect(bytes == 3_000_000)
        #expect(result.output == "")
        var program = shell("head -c 2000 /dev/zero")
        program.outputLimit = 1000
        #expect(code { _ = try program.run() } == .execute)
        let errors = try shell("head -c 300000 /dev/zero | tr '\\0' x >&2; echo end >&2").run().errors
        #expect(errors.hasSuffix("xend\n"))
        #expect(errors.utf8.count == 64 << 10)
    }

    @Test func `what the sink throws ends the program`() throws {
        let begin = monotonicMilliseconds()
        #expect(
            code {
                _ = try shell("yes").run(streamingTo: { _ throws(RoostError) in
                    throw RoostError(.fileWrite, "disk full")
                })
            } == .fileWrite)
        #expect(monotonicMilliseconds() - begin < 5000)
    }

    @Test func `a program that takes too long is stopped, with what it has said as no reason to wait`() throws {
        var program = shell("echo begun; exec sleep 600")
        program.timeout = 50
        #expect(code { _ = try program.run() } == .execute)
    }

    @Test func `a program that leaves another behind with its streams is not waited for longer than it lives`() throws {
        let file = directory.path("pid")
        let result = try shell("sleep 600 & echo $! > \(file); echo done").run()
        #expect(result.output == "done\n")
        let id = try #require(Int32(try directory.content("pid").dropLast()))
        #expect(kill(id, SIGKILL) == 0)
    }

    @Test func `a program that does not exist is an error that names it`() throws {
        #expect(code { _ = try ChildProgram("/nonexistent/pg_ctl").run() } == .execute)
        #expect(ChildProgram.find("no-such-program-anywhere") == nil)
        #expect(ChildProgram.find("sh")?.hasSuffix("/sh") == true)
        try directory.file("sh", "#!/bin/sh\n")
        #expect(ChildProgram.find("sh", in: [directory.path])?.hasPrefix(directory.path) == false)
        try FileSystem.setMode(directory.path("sh"), 0o755)
        #expect(ChildProgram.find("sh", in: [directory.path]) == directory.path("sh"))
    }

    @Test func `no descriptor of ours passes to the program`() throws {
        let file = try OwnedDescriptor.create(directory.path("open"), mode: 0o600)
        let open = try ChildProgram("/bin/ls", ["/proc/self/fd"]).run().output
        #expect(open == "0\n1\n2\n3\n")  // the last is the directory that ls reads
        try file.close()
    }

    @Test func `a signal ends the program before the error is told`() async throws {
        await #expect(processExitsWith: .exitCode(63)) {
            Interrupt.install()
            var ended = ""
            exitWithStatus {
                let script = "trap 'exit 0' TERM; echo $$; while :; do sleep 0.01; done"
                do {
                    _ = try ChildProgram("/bin/sh", ["-c", script]).run(streamingTo: { span throws(RoostError) in
                        ended = String(decoding: span.array(), as: UTF8.self)
                        kill(getpid(), SIGTERM)
                    })
                } catch let error as RoostError where error.code == .term {
                    let id = Int32(ended.filter(\.isNumber)) ?? 0
                    guard id > 0, kill(id, 0) != 0 else { exit(1) }
                    throw error
                }
            }
        }
    }
}
