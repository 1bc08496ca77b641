import Foundation
import RoostTesting
import Testing

@Suite struct BaseBackupArgumentTests {
    /// Without a server: what is wrong with a command line shows before anything else.
    private func run(_ arguments: [String], at place: Place) throws -> CommandResult {
        var command = Command(try Tool.directory + "/pg-basebackup", arguments)
        command.directory = place.destination
        command.environment = ["PG_BASEBACKUP_LOCK": place.lock]
        return try command.run()
    }

    @Test func `REQ-12 the line of the synopsis works, with its spaces`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try bed.command(["--src", "postgres:///", "--dst", ".", "--file", "backup.tar.lz4"], at: place).run()
                .requireSuccess()
            #expect(try place.files == ["backup.tar.lz4"])
        }
    }

    @Test(arguments: [
        ["-s", "S", "-d", "D", "-f", "F", "-t", "T", "-r", "7", "-k", "K", "-eu"],
        [
            "--src", "S", "--dst", "D", "--file", "F", "--tag", "T", "--remove", "7", "--key", "K", "--encrypt",
            "--upload",
        ],
        ["--src=S", "--dst=D", "--file=F", "--tag=T", "--remove=7", "--key=K", "--encryption", "-u"],
        ["--url", "S", "--dir", "D", "-f", "F", "-t", "T", "-ur", "7", "-ek", "K"],
        ["--url=S", "--dir=D", "-f", "F", "-t", "T", "-r", "7", "-k", "K", "-e", "-u"],
    ])
    func `REQ-12 every form and synonym of an option means the same`(form: [String]) throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let source = "postgres:///?host=\(bed.cluster.socketDirectory)"
            let arguments = form.map {
                $0.replacingOccurrences(of: "=S", with: "=\(source)").replacingOccurrences(of: "=D", with: "=.")
            }.map { $0 == "S" ? source : $0 == "D" ? "." : $0 }
            let result = try bed.command(
                arguments + ["--dry-run", "--output=json"], at: place, environment: ["PG_BASEBACKUP_DEBUG": "1"]
            ).run().requireSuccess()
            for text in ["filename  (-f)    :   F\n", "tag       (-t)    :   T\n", "remove    (-r)    :   7\n"] {
                #expect(result.standardError.contains(text), "\(result)")
            }
            #expect(result.standardError.contains("src       (-s)    :   \(source)\n"))
            #expect(!result.standardError.contains("[WARN]"))
            #expect(result.standardOutput.contains(#""file":"./F","tag":"T""#))
            #expect(try place.files == [])
        }
    }

    @Test(
        arguments: [
            (["-x"], 1), (["--nonsense"], 1), (["-f"], 1), (["--dst"], 1), (["-e=1"], 1), (["--encrypt=yes"], 1),
            (["x"], 1),
            (["--"], 1), (["-fu", "x"], 1), (["--output", "xml"], 1), (["--cipher", "des"], 1),
            (["-d", ".", "-f", "a/b"], 1),
            (["-d", ".", "-f", ".."], 1), (["-d", ".", "-f", ""], 1), (["-d", ".", "-e", "-k", ""], 1),
            (["-d", ".", "--cipher", "aes-256-cbc"], 1), (["-s", "postgres://a:s3cret%@b/"], 1),
            (["-r", "abc"], 3), (["-r", "-5"], 3), (["-r", ""], 3), (["-r", "5x"], 3), (["--remove=1.5"], 3),
            (["-r", "+5"], 3),
            (["-d", "nowhere"], 2), (["-d", "file"], 2), (["-d", ""], 2),
        ] as [([String], Int32)])
    func `REQ-12 REQ-15 REQ-16 REQ-17 what is wrong ends the run before it begins`(
        arguments: [String], status: Int32
    ) throws {
        try Place.with { place in
            try place.file("file", "no directory")
            let result = try run(arguments, at: place).require(status: status)
            #expect(result.standardOutput == "")
            #expect(result.standardError.contains("SYNOPSIS") == (status == 1))
            let told = try run(["--output=json"] + arguments, at: place).require(status: status)
            #expect(try AdminResult(told).failed && !told.output.contains("s3cret"))
            #expect(!result.standardError.contains("s3cret"))
            #expect(try place.files == ["file"])
            #expect(!FileManager.default.fileExists(atPath: place.lock))
        }
    }

    @Test func `REQ-17 a number that nobody can count is for ever`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            try place.file("backup_old_20200101.tar.lz4", minutesAgo: 1500)
            try bed.run("-r", "99999999999999999999999999", at: place).requireSuccess()
            #expect(try place.files.contains("backup_old_20200101.tar.lz4"))
        }
    }

    @Test(arguments: ["-h", "--help"])
    func `REQ-22 help needs no server and names every option with its default`(option: String) throws {
        try Place.with { place in
            let result = try run([option], at: place).requireSuccess()
            for text in [
                "NAME\n  pg-basebackup  -- make base backup from PostgreSQL instance\n", "SYNOPSIS\n", "DESCRIPTION\n",
                "-s, --src, --url     Backup source URL, optional, defaults to \"postgres:///\"",
                "-d, --dst, --dir     Location to store backup file, defaults to \"/pg/backup\"\n",
                "-f, --file           Override default backup filename, \"backup_${tag}_${date}.tar.lz4\"\n",
                "-r, --remove ", "defaults to 1200 (20 hours)", "-t, --tag ", "-k, --key ", "defaults to ${tag}",
                "-u, --upload ", "-e, --encrypt, --encryption\n", "-h, --help ", "aes-256-cbc (recommended",
                "openssl enc -d -rc4 -provider legacy -provider default",
            ] { #expect(result.standardOutput.contains(text), "\(text)") }
            #expect(result.standardError == "")
        }
    }

    @Test func `REQ-12 as a command of roost it is the same`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            var command = try bed.command(["-d", place.destination, "-f", "one.tar.lz4"], at: place)
            command.program = try Tool.roost.path
            command.arguments.insert("pg-basebackup", at: 0)
            try command.run().requireSuccess()
            try place.requireWhole("one.tar.lz4")
        }
    }

    @Test func `REQ-13 every kind of source is understood`() throws {
        let bed = try BaseBackupBed.shared()
        let sources = [
            "postgres:///?host=\(bed.cluster.socketDirectory)&port=5432&user=postgres",
            "host='\(bed.cluster.socketDirectory)' port = 5432 user=postgres application_name='two words'",
            "postgresql://postgres@\(bed.address):5432/postgres",
        ]
        try Place.with { place in
            for (number, source) in sources.enumerated() {
                let environment = ["PGHOST": "/nonexistent", "PGUSER": "nobody"]
                let result = try bed.run("-t", "s\(number)", "-s", source, at: place, environment: environment)
                    .requireSuccess()
                #expect(result.standardError.contains("backup begin, from \(source) to "))
            }
            #expect(try place.files.count == sources.count)
        }
    }

    @Test func `REQ-15 a directory that cannot be used is told before a checkpoint`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let closed = try place.scratch.directory("closed", mode: 0o555)
            let result = try bed.command(["-d", closed], at: place).run().require(status: 9)
            #expect(!result.standardError.contains("initiating base backup"))
            #expect(result.standardError.contains("Permission denied"))
            let inside = bed.cluster.dataDirectory + "/pg_wal/archive_status"
            let refused = try bed.command(["-d", inside], at: place).run().require(status: 2)
            #expect(refused.standardError.contains("lies in the data directory \(bed.cluster.dataDirectory)"))
            let link = place.scratch.path + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.destination)
            try bed.command(["-d", link + "/", "-f", "one.tar.lz4"], at: place).run().requireSuccess()
            #expect(try place.files == ["one.tar.lz4"])
        }
    }

    @Test func `a host without pg_basebackup is told`() throws {
        try Place.with { place in
            var command = Command(try Tool.directory + "/pg-basebackup", ["-d", "."])
            command.directory = place.destination
            command.environment = ["PATH": place.destination]
            try command.run().require(status: 4)
        }
    }
}
