internal import Glibc

/// The process of a ``ChildProgram`` while it runs, and our ends of its pipes.
///
/// Invariant: the process is waited for exactly once, by ``wait()`` or ``stop()``; until then its id cannot be used again.
final class RunningChild {
    /// How long a program may take to end after TERM, in milliseconds.
    private static let grace: Int64 = 10_000
    /// What is kept of standard error, in bytes.
    private static let errorLimit = 64 << 10
    private static let pipeSize: Int32 = 1 << 20
    /// No wait is longer, in milliseconds, because a signal may be handled by another thread and then does not end it.
    private static let look: Int64 = 100

    private let id: Int32
    /// Who is asked to end: the process, or with a minus sign its group.
    private let addressee: Int32
    private let name: String
    private let timeout: Int64?
    private let isUninterrupted: Bool
    private let begin = monotonicMilliseconds()
    private var output: OwnedDescriptor?
    private var errorOutput: OwnedDescriptor?
    private let chunk = Chunk(capacity: 256 << 10)
    private var capturedErrors: [UInt8] = []
    private var ending: ChildProgram.Result.Ending?

    var errors: String { String(decoding: capturedErrors.suffix(Self.errorLimit), as: UTF8.self) }

    init(_ program: ChildProgram) throws(RoostError) {
        name = lastPart(of: program.path)
        timeout = program.timeout
        isUninterrupted = program.isUninterrupted
        var start = ProgramStart(executable: program.path, words: [program.path] + program.arguments)
        start.environment = program.variables
        start.directory = program.directory
        start.isNewSession = program.leadsGroup || program.isUninterrupted
        // The program's ends; closed below, since a pipe ends when its last writer is gone.
        var theirs = Ends()
        switch program.input {
        case .nothing: break
        case .inherited: start.input = .inherited
        case .bytes(let bytes):
            let file = try OwnedDescriptor.memory("input of \(name)", bytes)
            start.input = .descriptor(file.raw)
            theirs.input = consume file
        }
        switch program.output {
        case .inherited: start.output = .inherited
        case .discarded: break
        case .captured:
            let pipe = try Pipe("output of \(name)", size: Self.pipeSize)
            start.output = .descriptor(pipe.writer.raw)
            output = consume pipe.reader
            theirs.output = consume pipe.writer
        }
        switch program.errors {
        case .inherited: start.errors = .inherited
        case .discarded: break
        case .captured:
            let pipe = try Pipe("error output of \(name)", size: Self.pipeSize)
            start.errors = .descriptor(pipe.writer.raw)
            errorOutput = consume pipe.reader
            theirs.errors = consume pipe.writer
        }
        id = try start.start()
        addressee = program.leadsGroup ? -id : id
        theirs = Ends()
    }

    private struct Ends: ~Copyable {
        var input: OwnedDescriptor?
        var output: OwnedDescriptor?
        var errors: OwnedDescriptor?
    }

    /// Reads both streams until the program has closed them, or has ended: what it has started itself may keep them open.
    ///
    /// - Parameter sink: Gets standard output.
    func read(_ sink: ChildProgram.Sink) throws(RoostError) {
        while output != nil || errorOutput != nil {
            try check()
            let hadEnded = try hasEnded()
            let (hasOutput, hasErrors) = waitForBytes(hadEnded ? 0 : Self.look)
            if hasOutput, try !take(sink) { output = nil }
            if hasErrors, try !takeErrors() { errorOutput = nil }
            if hadEnded, !hasOutput, !hasErrors { return }
        }
    }

    /// Waits for the end of the program.
    func wait() throws(RoostError) -> ChildProgram.Result.Ending {
        var pause: Int64 = 1
        while true {
            if try hasEnded(), let ending { return ending }
            try check()
            SystemClock().sleep(milliseconds: pause)
            pause = min(pause * 2, 50)
        }
    }

    /// Ends the program if it still runs, and waits for it.
    func stop() {
        output = nil
        errorOutput = nil
        guard ending == nil else { return }
        kill(addressee, SIGTERM)
        guard !waitQuietly(until: monotonicMilliseconds() + Self.grace) else { return }
        kill(addressee, SIGKILL)
        _ = waitQuietly(until: .max)
    }

    /// - Returns: Whether the program is over, or can no longer be waited for.
    private func waitQuietly(until deadline: Int64) -> Bool {
        var pause: Int64 = 1
        // Why it cannot be waited for matters less than why it is stopped, which is on its way to be told.
        while (try? hasEnded()) == false {
            guard monotonicMilliseconds() < deadline else { return false }
            SystemClock().sleep(milliseconds: pause)
            pause = min(pause * 2, 50)
        }
        return true
    }

    private func check() throws(RoostError) {
        if !isUninterrupted { try Interrupt.check() }
        guard let timeout, monotonicMilliseconds() - begin > timeout else { return }
        throw RoostError(.execute, "\(name) did not end within \(timeout)ms and was stopped")
    }

    private func hasEnded() throws(RoostError) -> Bool {
        if ending != nil { return true }
        var status: Int32 = 0
        let found = waitpid(id, &status, WNOHANG)
        guard found != 0 else { return false }
        if found < 0 {
            let number = Syscall.errno
            if number == EINTR { return false }
            throw .system(.execute, unableTo: "wait for", name, errno: number)
        }
        ending = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: status & 0x7F)
        return true
    }

    /// Waits until a stream has bytes or has ended.
    private func waitForBytes(_ limit: Int64) -> (output: Bool, errors: Bool) {
        var requests = [
            pollfd(fd: output?.raw ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errorOutput?.raw ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&requests, 2, Int32(limit)) > 0 else { return (false, false) }
        return (requests[0].revents != 0, requests[1].revents != 0)
    }

    /// - Returns: False at the end of the stream.
    private func take(_ sink: ChildProgram.Sink) throws(RoostError) -> Bool {
        guard try fill(output?.raw ?? -1) else { return false }
        let chunk = chunk
        try sink(chunk.bytes)
        return true
    }

    private func takeErrors() throws(RoostError) -> Bool {
        guard try fill(errorOutput?.raw ?? -1) else { return false }
        let chunk = chunk
        capturedErrors += chunk.bytes.array()
        if capturedErrors.count > 2 * Self.errorLimit {
            capturedErrors.removeFirst(capturedErrors.count - Self.errorLimit)
        }
        return true
    }

    private func fill(_ raw: Int32) throws(RoostError) -> Bool {
        chunk.removeAll()
        var count = 0
        chunk.fill { free in
            count = Syscall.read(raw, free)
            return max(count, 0)
        }
        guard count >= 0 else { throw .system(.fileRead, unableTo: "read the output of", name, errno: Syscall.errno) }
        return count > 0
    }
}
