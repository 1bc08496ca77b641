import RoostSystem
import Testing

@testable import RoostOptions

/// Mutated input must be refused or accepted, never trap.
@Suite struct FuzzTests {
    /// A small generator (xorshift) with a seed, so that a failure can be repeated.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    private static let config = """
        # comment
        [global]
        repo1-path=/repo
        repo1-cipher-type=aes-256-cbc
        repo1-cipher-pass=secret
        repo2-type=s3
        process-max=4
        compress-type=zst
        compress-level=3
        annotation=a=b
        annotation=a=c
        archive-timeout=5m
        archive-async=y
        buffer-size=1MiB

        [global:archive-push]
        compress-level=7

        [demo]
        pg1-path=/pg
        pg2-host=other
        db3-port=5433

        [demo:roost]
        fsync-method=fsync

        """

    private static let words =
        Options.all.flatMap {
            ["--\($0.name(at: 1))", "--\($0.name(at: 2))=y", "--no-\($0.name)", "--reset-\($0.name(at: 3))"]
        }
        + Command.allCases.flatMap { [$0.name, "\($0.name):local"] }
        + [
            "--", "-", "", "--=", "--repo", "x", "1", "/a/b", "a=b", "5m", "show", "--no-", "--reset-",
            "--repo999999999999999999999-path=/x",
        ]

    private func mutate(_ text: String, _ random: inout Seeded) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert([0x0A, 0x3D, 0x5B, 0x5D, 0x2D, 0x30, 0xFF, 0x00][place % 8], at: place)
            default: bytes.swapAt(place, bytes.count - 1 - place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func run(_ arguments: [String], config: String, variable: String, _ dialect: Dialect) {
        do {
            var options = try resolve(
                arguments,
                MemoryFiles(files: ["/etc/pgbackrest/pgbackrest.conf": config]),
                environment: [variable],
                dialect: dialect
            )
            _ = options.beginLine()
            if options.purpose != .run { _ = options.renderConfiguration() }
            _ = try options.applyRules()
            _ = options.arguments(for: .archiveGet)
            for index in options.repoIndexes where options.isValid(Options.repoPath) {
                _ = options[Options.repoPath, index]
            }
        } catch {
            #expect(!error.message.isEmpty)
        }
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `mutated files and command lines never trap`(seed: UInt64) {
        var random = Seeded(state: seed &* 0x9E37_79B9_7F4A_7C15)
        for round in 0..<150 {
            var arguments = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                Self.words.randomElement(using: &random) ?? ""
            }
            if round % 2 == 0 {
                arguments =
                    ["--stanza=demo", ["backup", "archive-push", "restore", "info", "expire"][round / 2 % 5]]
                    + arguments
            }
            if round % 3 == 0 { arguments = arguments.map { mutate($0, &random) } }
            let variable = mutate("PGBACKREST_REPO1_RETENTION_FULL=2", &random)
            run(
                arguments,
                config: mutate(Self.config, &random),
                variable: variable,
                round % 4 == 0 ? .roost : .pgbackrest
            )
        }
    }
}
