import Foundation
import RoostSystem
import RoostTesting
import Testing

/// Passwords and keys: where they may come from, and that they go nowhere else.
@Suite struct BaseBackupSecretTests {
    private static let password = BaseBackupBed.password
    private static let encoded = "p%40ss%20w%2F%C3%B6%27rd%25"

    private static let ways = ["URL", "URL parameter", "keywords", "PGPASSWORD", ".pgpass", "PGPASSFILE", "PGSERVICE"]

    /// Each way over the socket and over TCP; in a short run each once.
    @Test(
        arguments: TestHost.cases(
            ways.flatMap { [($0, true), ($0, false)] }, else: ways.enumerated().map { ($1, $0 % 2 == 0) }))
    func `REQ-14 a password may come from anywhere but a person`(way: String, isTCP: Bool) throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let host = isTCP ? bed.address : bed.cluster.socketDirectory
            let pgpass = "*:*:*:keeper:\(Self.password.replacingOccurrences(of: ":", with: "\\:"))\n"
            var environment = ["PGUSER": "keeper", "PGHOST": host]
            var source = "postgres:///"
            switch way {
            case "URL":
                source = isTCP ? "postgres://keeper:\(Self.encoded)@\(host)/" : "postgres://keeper:\(Self.encoded)@/"
            case "URL parameter": source = "postgres:///?user=keeper&password=\(Self.encoded)"
            case "keywords":
                source = "user=keeper password='\(Self.password.replacingOccurrences(of: "'", with: "\\'"))'"
            case "PGPASSWORD": environment["PGPASSWORD"] = Self.password
            case ".pgpass":
                environment["HOME"] = place.scratch.path
                try place.scratch.file(".pgpass", pgpass, mode: 0o600)
            case "PGPASSFILE":
                environment["PGPASSFILE"] = try place.scratch.file("passwords", pgpass, mode: 0o600)
            default:
                environment["PGSERVICE"] = "meta"
                environment["PGSERVICEFILE"] = try place.scratch.file(
                    "services", "[meta]\nhost=\(host)\nuser=keeper\npassword=\(Self.password)\n", mode: 0o600)
            }
            let result = try bed.run("-s", source, at: place, environment: environment).requireSuccess()
            // The name shows that the server was asked too.
            #expect(try place.files == ["backup_pg-meta_\(try today).tar.lz4"])
            #expect(!result.output.contains(Self.password))
            #expect(!result.output.contains(Self.encoded))
        }
    }

    @Test func `REQ-14 neither password nor key shows in the list of processes while a backup is made`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let key = "k3y of \(UInt64.random(in: 0 ... .max))"
            var command = try bed.command(
                ["-d", ".", "-f", "one.lz4", "-s", "postgres://keeper:\(Self.encoded)@/", "-e", "-k", key], at: place)
            // In the middle of the stream, while pg_basebackup waits.
            command.environment["ROOST_FAULT"] = "write:14:pause"
            let run = try command.start()
            try #require(try run.waitUntilStopped())
            let list = try processList()
            #expect(list.contains("--pgdata=-"))
            for secret in [Self.password, Self.encoded, key] { #expect(!list.contains(secret)) }
            run.send(SIGCONT)
            let result = try run.wait().requireSuccess()
            for secret in [Self.password, Self.encoded, key] { #expect(!result.output.contains(secret)) }
            #expect(result.standardError.contains("from postgres://keeper:***@/ to ./one.lz4"))
        }
    }

    @Test(arguments: ["wrong", "none", "open .pgpass", "no right"])
    func `REQ-14 without a password or a right it fails at once`(way: String) throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            var environment = ["PGUSER": "keeper"]
            switch way {
            case "wrong": environment["PGPASSWORD"] = "wrong"
            case "open .pgpass":
                environment["HOME"] = place.scratch.path
                try place.scratch.file(".pgpass", "*:*:*:*:\(Self.password)\n", mode: 0o644)
            case "no right": environment = ["PGUSER": "plain", "PGPASSWORD": Self.password]
            default: break
            }
            let result = try bed.run(at: place, environment: environment).require(status: 9)
            #expect(result.seconds < 20)
            #expect(result.standardError.hasSuffix("[ERROR] [BKUP] backup failed!\n"))
            #expect(!result.output.contains(Self.password))
            #expect(try place.files == [])
            #expect(!FileManager.default.fileExists(atPath: place.lock))
        }
    }

    @Test func `REQ-19 REQ-21 openssl decrypts RC4, and a wrong key gives nothing`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let key = "two words; $(id) 'quoted' ü"
            let result = try bed.run("-e", "-k", key, "-f", "one.tar.lz4", at: place).requireSuccess()
            #expect(result.standardError.contains("[INFO] [BKUP] backup in encryption mode\n"))
            let file = place.path("one.tar.lz4")
            let openssl = "openssl enc -d -rc4 -provider legacy -provider default -pass file:KEY -in"
            let secret = try place.scratch.file("key", key + "\n", mode: 0o600)
            let decrypt = openssl.replacingOccurrences(of: "KEY", with: secret)
            let data = try place.extract("one.tar.lz4", after: decrypt)
            try bed.cluster.program("pg_verifybackup", ["-q", data]).run().requireSuccess()
            let wrong = try place.scratch.file("wrong", "two words", mode: 0o600)
            let failed = try place.shell(
                "mkdir \(place.scratch.path)/empty; \(openssl.replacingOccurrences(of: "KEY", with: wrong)) \(file)"
                    + " | unlz4 -d -c | tar -xC \(place.scratch.path)/empty")
            #expect(!failed.succeeded)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.scratch.path + "/empty") == [])
        }
    }

    @Test func `REQ-21 what openssl encrypts with RC4 has the same form`() throws {
        try Place.with { place in
            try place.file("plain", "hello\n")
            try place.shell(
                "openssl enc -rc4 -provider legacy -provider default -pass pass:tag -S 0102030405060708"
                    + " -in \(place.path("plain")) -out \(place.path("cipher")) 2> /dev/null"
            ).requireSuccess()
            let stored = try #require(FileManager.default.contents(atPath: place.path("cipher")))
            // With a salt of its own, openssl 3 writes no header.
            let body = Array(stored.suffix(6))
            let plain = Chunk(capacity: 6)
            RC4(passphrase: Array("tag".utf8), salt: [1, 2, 3, 4, 5, 6, 7, 8]).update(body.span.bytes, into: plain)
            #expect(plain.bytes.array() == Array("hello\n".utf8))
        }
    }

    @Test func `REQ-19 the key is the tag unless one is given`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            // In the name of a file it would be another: 'my_tag'.
            try bed.run("--encryption", "-t", "my tag", "-f", "one.lz4", at: place).requireSuccess()
            let openssl = "openssl enc -d -rc4 -provider legacy -provider default -k 'my tag' -in"
            try place.shell("\(openssl) \(place.path("one.lz4")) 2> /dev/null | unlz4 -d -c | tar -t > /dev/null")
                .requireSuccess()
            let unused = try bed.run("-k", "a key", "-f", "two.lz4", at: place).requireSuccess()
            #expect(unused.standardError.contains("[WARN] [INIT] a key is given without -e"))
            try place.requireWhole("two.lz4")
        }
    }

    @Test func `REQ-21 openssl decrypts AES-256 with PBKDF2`() throws {
        let bed = try BaseBackupBed.shared()
        try Place.with { place in
            let key = ["PG_BASEBACKUP_KEY": "a key from the environment"]
            try bed.run("--cipher=aes-256-cbc", "-f", "one.tar.lz4", at: place, environment: key).requireSuccess()
            let secret = try place.scratch.file("key", "a key from the environment\n", mode: 0o600)
            let data = try place.extract(
                "one.tar.lz4", after: "openssl enc -d -aes-256-cbc -pbkdf2 -pass file:\(secret) -in")
            try bed.cluster.program("pg_verifybackup", ["-q", data]).run().requireSuccess()
        }
    }
}
