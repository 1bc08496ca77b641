internal import RoostFormat
internal import RoostPostgres
internal import RoostSystem

/// A replica has nothing to recover: it becomes a copy of the recovered primary, and what was there is kept until accepted.
extension Pitr {
    /// The replica's own settings, which are not those of its primary.
    private static let settingsFiles = ["postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"]

    /// How long a replica may take until WAL streams to it, in milliseconds.
    private static let streamPatience: Int64 = 60_000

    /// Where its settings, and how it reaches its primary, are kept meanwhile.
    private var replicaSettings: String { place.directory + "/replica" }

    /// Whether the member waits for the primary's recovery: as declared, or, where nobody has said, by what was there.
    func isReplica(_ found: PitrState) throws -> Bool {
        guard found.isOfReplica else { return false }
        guard specification.declaredRole == nil else { return !specification.isDeclaredPrimary }
        return try FileStatus.of(replicaSettings) != nil || isStandby()
    }

    func rebuild(_ found: PitrState, _ report: inout AdminReport) throws {
        let isManaged = try control().service == .patroni
        guard !report.isDryRun else {
            report.changed("up", "copy the primary into '\(place.data)'")
            return
        }
        var state = found
        if state.phase < .starting {
            try requireStopped()
            try refuseTablespaces()
            if !isManaged { try rememberReplica() }
            try keep(&state, &report)
            state.phase = .restoring
            try place.save(state)
            if isManaged {
                // Patroni copies into nothing only.
                if try FileStatus.of(place.data) != nil { try FileSystem.clear(place.data) }
            } else {
                try copyPrimary(programsOf: state.kept ?? place.data, &report)
            }
            state.phase = .starting
            try place.save(state)
        }
        if isManaged {
            try startPatroni(state.unit, &report)
        } else {
            if try Postmaster.running(in: place.data) == nil { try startManaged(state, &report) }
            try waitForStream(&report)
        }
        state.phase = .up
        state.outcome = .promoted
        try place.save(state)
        tell(state, &report)
    }

    /// The copy needs their directories empty, and what is in them would not be kept.
    private func refuseTablespaces() throws {
        let tablespaces = try tablespaces()
        guard !tablespaces.isEmpty else { return }
        throw AdminRefusal(
            .configuration,
            "'\(place.data)' has tablespaces elsewhere, into which the primary's would be copied: "
                + tablespaces.joined(separator: ", "),
            hints: ["empty them and the data directory, and copy the primary with pg_basebackup"])
    }

    /// Before anything is moved: the server's own programs tell what its files and those that they include say.
    private func rememberReplica() throws {
        guard try FileStatus.of(replicaSettings) == nil else { return }
        let values = try ["primary_conninfo", "primary_slot_name"].map { ($0, try setting($0)) }
        guard values[0].1.contains("=") || values[0].1.contains("://") else {
            throw AdminRefusal(
                .configuration, "'\(place.data)' is not the primary's, and its settings name no primary to copy",
                hints: ["set primary_conninfo there, then run this again", "or copy the primary with pg_basebackup"])
        }
        let draft = replicaSettings + ".draft"
        if try FileStatus.of(draft) != nil { try FileSystem.removeTree(draft) }
        try FileSystem.createDirectory(draft, mode: 0o700, durable: true)
        for name in Self.settingsFiles where try FileStatus.of("\(place.data)/\(name)", followingLinks: true) != nil {
            try DurableFile.write("\(draft)/\(name)", try FileSystem.read("\(place.data)/\(name)"), mode: 0o600)
        }
        for (name, value) in values { try DurableFile.write("\(draft)/\(name)", Array(value.utf8), mode: 0o600) }
        try FileSystem.move(draft, to: replicaSettings)
    }

    private func setting(_ name: String) throws -> String {
        let result = try ChildProgram(
            try ServerPrograms(specification).find("postgres"), ["-D", place.data, "-C", name]
        ).run()
        guard result.succeeded else { throw result.failure("unable to read \(name) of '\(place.data)'") }
        return String(result.output.reversed().drop(while: \.isNewline).reversed())
    }

    /// - Parameter version: A data directory that tells whose programs are needed.
    private func copyPrimary(programsOf version: String, _ report: inout AdminReport) throws {
        let programs = ServerPrograms(directory: specification.programs, dataDirectory: version)
        let path = try programs.find("pg_basebackup")
        let source = try ConnectionString(try remembered("primary_conninfo"))
        let slot = try remembered("primary_slot_name")
        // Of a copy that was stopped half-way, or what nobody wanted to keep.
        try FileSystem.clear(place.data)
        func copy(_ options: [String]) throws -> ChildProgram.Result {
            var program = ChildProgram(
                path,
                ["--dbname=\(source.text)", "--pgdata=\(place.data)", "--checkpoint=fast", "--no-password"] + options)
            if let password = source.password { program.environment["PGPASSWORD"] = password }
            return try program.run()
        }
        var result = try copy(slot.isEmpty ? [] : ["--slot=\(slot)", "--create-slot"])
        // The recovered primary has none of its slots; but a run that was stopped may have made this one.
        if !result.succeeded, !slot.isEmpty, result.errors.contains("already exists") {
            try FileSystem.clear(place.data)
            result = try copy(["--slot=\(slot)"])
        }
        guard result.succeeded else { throw result.failure("unable to copy the primary, \(source.shown)") }
        for name in Self.settingsFiles where try FileStatus.of("\(replicaSettings)/\(name)") != nil {
            try DurableFile.write(
                "\(place.data)/\(name)", try FileSystem.read("\(replicaSettings)/\(name)"), mode: 0o600)
        }
        try DurableFile.write("\(place.data)/standby.signal", [], mode: 0o600)
        report.changed("copy", "the primary, \(source.shown), into '\(place.data)'")
    }

    private func remembered(_ name: String) throws(RoostError) -> String {
        String(decoding: try FileSystem.read("\(replicaSettings)/\(name)"), as: UTF8.self)
    }

    private func waitForStream(_ report: inout AdminReport) throws {
        try hold(until: "WAL to stream to '\(place.data)'", patience: Self.streamPatience) {
            guard let postmaster = try Postmaster.running(in: place.data) else { return false }
            let session = try PostgresSession(postmaster.session(as: "roost pitr", user: specification.account))
            defer { session.close() }
            return try session.run(IsStreaming())
        }
        report.ok("replica", "follows its primary")
    }
}
