internal import RoostSystem

/// Where the recovery of a data directory keeps what it needs: all in one directory beside it, `<data>.pitr`.
struct PitrPlace: Sendable, Equatable {
    /// The data directory without links, whether it is there or not at the moment.
    let data: String

    init(_ data: String) throws(RoostError) { self.data = try Self.withoutLinks(data) }

    var directory: String { data + ".pitr" }
    var stateFile: String { directory + "/state.json" }
    var lock: String { directory + "/lock" }
    /// The configuration of the engine, if it differs from that of the cluster.
    var configuration: String { directory + "/pitr.conf" }
    /// The messages of the server while it recovers.
    var log: String { directory + "/recovery.log" }

    /// The name for the former data.
    func kept(at time: Int64) -> String { "\(data)-\(LocalTime(time).compact)" }

    func load() throws(RoostError) -> PitrState? {
        guard try FileStatus.of(stateFile) != nil else { return nil }
        return try PitrState(
            parsing: String(decoding: try FileSystem.read(stateFile), as: UTF8.self), path: stateFile)
    }

    /// Durable when it returns.
    func save(_ state: PitrState) throws(RoostError) {
        try FileSystem.createDirectory(directory, mode: 0o700, durable: true)
        try DurableFile.write(stateFile, Array(state.json.utf8), mode: 0o600)
    }

    /// Runs a body under a lock, so that two runs do not meet; without a state file at its end nothing of the directory stays.
    ///
    /// - Throws: ``ErrorCode/lockAcquire`` at once if another run holds it; what the body throws.
    func alone(_ body: () throws -> Void) throws {
        let outcome = try whileLocked {
            let outcome = Result { try body() }
            // Nothing has begun, or all is over.
            let cleaning = Result {
                if try load() == nil { try FileSystem.clear(directory, except: lastPart(of: lock)) }
            }
            return outcome.flatMap { cleaning }
        }
        // The next run may have made it its own.
        let removal = Result { _ = try FileSystem.removeEmptyDirectory(directory) }
        try outcome.flatMap { removal }.get()
    }

    private func whileLocked<T>(_ body: () -> T) throws(RoostError) -> T {
        let lock = try LockFile.acquire(lock, content: "\(CurrentProcess.id)\n", waits: false)
        defer { withExtendedLifetime(lock.path) {} }
        return body()
    }

    /// A path with the links that lead to it followed, also where there is nothing at the end.
    private static func withoutLinks(_ path: String) throws(RoostError) -> String {
        var path = path
        for _ in 0..<40 {
            let above = directoryPart(of: path)
            let resolved = try FileSystem.resolved(above) ?? above
            path = resolved == "/" ? "/\(lastPart(of: path))" : "\(resolved)/\(lastPart(of: path))"
            guard try FileStatus.of(path)?.kind == .symbolicLink else { return path }
            let destination = try FileSystem.linkDestination(path)
            path = destination.hasPrefix("/") ? destination : "\(resolved)/\(destination)"
        }
        throw RoostError(.linkDestination, "too many links lead to '\(path)'")
    }
}
