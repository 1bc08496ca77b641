internal import RoostSystem

/// A `pg_dump` or `pg_dumpall` and its release.
package struct DumpClient: Sendable, Equatable {
    package var path: String
    /// As `server_version_num`: 150014, 90624.
    package var version: Int32

    package init(path: String, version: Int32) {
        self.path = path
        self.version = version
    }

    /// The newest of the server's own release, whose dumps that server reads again too, else the newest of all; of two that are
    /// alike the one that comes first.
    ///
    /// - Parameters:
    ///   - server: Its `server_version_num`; nil if it is not known.
    ///   - directories: Only these; empty for every place where PostgreSQL's packages put programs, and `PATH`.
    /// - Throws: ``AdminRefusal`` if there is none, ``ErrorCode/term``.
    static func best(_ name: String, for server: Int32?, in directories: [String]) throws -> DumpClient {
        let places = try directories.isEmpty ? usualDirectories() : directories
        var best: DumpClient?
        for directory in places {
            let path = "\(directory)/\(name)"
            guard ChildProgram.isExecutable(path) else { continue }
            guard let version = try version(of: path) else { continue }
            let client = DumpClient(path: path, version: version)
            if best.map({ client.isBetter(than: $0, for: server) }) ?? true { best = client }
        }
        guard let best else {
            throw AdminRefusal(
                .configuration, "there is no \(name) in \(places.joined(separator: ", "))",
                hints: [
                    "install PostgreSQL's client (Debian: postgresql-client), or name its directory with --bin-dir"
                ])
        }
        return best
    }

    package func isBetter(than other: DumpClient, for server: Int32?) -> Bool {
        func isOwn(_ client: DumpClient) -> Bool {
            server.map { Self.major(client.version) == Self.major($0) } ?? false
        }
        return isOwn(self) == isOwn(other) ? version > other.version : isOwn(self)
    }

    /// Whether it can dump a server; one that is older than the server would refuse.
    package func isNewEnough(for server: Int32) -> Bool { Self.major(version) >= Self.major(server) }

    /// `15.14`, `9.6.24`.
    static func text(_ version: Int32) -> String {
        version >= 100_000
            ? "\(version / 10_000).\(version % 10_000)"
            : "\(version / 10_000).\(version / 100 % 100).\(version % 100)"
    }

    private static func major(_ version: Int32) -> Int32 {
        version >= 100_000 ? version / 10_000 * 10_000 : version / 100 * 100
    }

    /// Debian's, then those of the RPM packages, then the search path.
    private static func usualDirectories() throws(RoostError) -> [String] {
        let debian = try names(in: "/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin" }
        let rpm = try names(in: "/usr").filter { $0.hasPrefix("pgsql") }.map { "/usr/\($0)/bin" }
        let search = (CurrentProcess.environment("PATH") ?? "").split(separator: ":").map(String.init)
        return debian + rpm + search
    }

    private static func names(in directory: String) throws(RoostError) -> [String] {
        try FileStatus.of(directory) == nil ? [] : FileSystem.list(directory)
    }

    /// - Returns: Nil for a program that does not work or is another.
    private static func version(of path: String) throws(RoostError) -> Int32? {
        var program = ChildProgram(path, ["--version"])
        program.timeout = 30_000
        do {
            let result = try program.run()
            return result.succeeded ? parse(result.output) : nil
        } catch let error where error.code != .term {
            return nil
        }
    }

    /// From `pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, `19beta1`, `9.6.24`.
    package static func parse(_ text: String) -> Int32? {
        guard let end = text.end(ofFirst: "(PostgreSQL) ") else { return nil }
        let parts = text[end...].prefix { $0.isASCII && ($0.isNumber || $0 == ".") }.split(separator: ".")
        guard let first = parts.first, let major = Int32(first), major > 0, major < 1000 else { return nil }
        func part(_ place: Int) -> Int32 { parts.count > place ? min(Int32(parts[place]) ?? 0, 99) : 0 }
        return major >= 10 ? major * 10_000 + part(1) : major * 10_000 + part(1) * 100 + part(2)
    }
}

extension String {
    /// Where what follows the first of some parts of the text begins; nil if there is none.
    func end(ofFirst part: String) -> Index? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(part) { return index(rest.startIndex, offsetBy: part.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
