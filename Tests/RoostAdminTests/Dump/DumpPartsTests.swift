import RoostAdmin
import Testing

@Suite struct DumpPartsTests {
    @Test(
        arguments: [
            ([], .plain), (["-Fc"], .custom), (["-F", "d"], .directory), (["--format=tar"], .tar),
            (["--format", "c"], .custom),
            (["--fo=CUSTOM"], .custom), (["-vsFd", "-j", "4"], .directory), (["-Fc", "-Fp"], .plain), (["-Fx"], .plain),
            // Values, not options.
            (["-t", "-Fc"], .plain), (["-n-Fc"], .plain), (["-tFc"], .plain), (["--", "-Fc"], .plain), (["-F"], .plain),
            (["-Z", "5", "-N", "x", "-Ft"], .tar), (["--filter=f", "-Fc"], .custom),
        ] as [([String], DumpOptions.Format)])
    func `REQ-29 the format is found among the options, wherever it stands`(
        options: [String], format: DumpOptions.Format
    ) throws {
        #expect(try DumpOptions(options, isWhole: false).format == format)
    }

    @Test(arguments: [
        ["-f", "x"], ["-fx"], ["--file=x"], ["-vf", "x"], ["-d", "x"], ["--dbname", "x"], ["-h", "x"], ["--host=x"],
        ["--po", "1"], ["-p1"], ["-Upostgres"], ["--username=x"], ["-W"], ["--password"], ["--help"], ["-?"], ["-V"],
        ["--vers"], ["-sW"],
    ])
    func `REQ-29 what Roost says itself is not passed on`(options: [String]) {
        #expect { try DumpOptions(options, isWhole: false) } throws: { error in
            (error as? AdminRefusal)?.reason == .usage && (error as? AdminRefusal)?.hints.count == 1
        }
    }

    @Test(arguments: [
        ["-t", "document"], ["-T", "*.log"], ["-n", "public"], ["-N", "-W"], ["-s", "-a", "-O", "-x"],
        ["--filter=list"],
        ["--no-password"], ["-w"], ["--no-sync", "--verbose"], ["--large-objects"], ["-j4"], ["--an-option-to-come=1"],
        ["--username-map"],
    ])
    func `REQ-29 selections and what is not known are not looked at`(options: [String]) throws {
        #expect(try DumpOptions(options, isWhole: false).format == .plain)
    }

    @Test func `REQ-27 pg_dumpall has options of its own, and writes SQL only`() throws {
        // Its -t has no value.
        #expect(throws: AdminRefusal.self) { try DumpOptions(["-tFc"], isWhole: true) }
        #expect(throws: AdminRefusal.self) { try DumpOptions(["--format=c"], isWhole: true) }
        #expect(throws: AdminRefusal.self) { try DumpOptions(["--database=x"], isWhole: true) }
        #expect(try DumpOptions(["-rv", "-S", "x", "-Fp"], isWhole: true).format == .plain)
    }

    @Test(
        arguments: [
            ("pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n", 150_014),
            ("pg_dump (PostgreSQL) 18.6\n", 180_006),
            ("pg_dumpall (PostgreSQL) 9.6.24\n", 90_624), ("pg_dump (PostgreSQL) 19beta1\n", 190_000),
            ("pg_dump (PostgreSQL) 19devel\n", 190_000), ("pg_dump (PostgreSQL) x\n", nil), ("", nil),
            ("pg_dump 15\n", nil),
            ("(PostgreSQL) 99999999999.1", nil), ("(PostgreSQL) 15.123456\n", 150_099),
        ] as [(String, Int32?)])
    func `REQ-29 the release of a program is read from what it says`(text: String, version: Int32?) {
        #expect(DumpClient.parse(text) == version)
    }

    @Test(
        arguments: [
            (150_014, 150_020, true), (150_014, 160_000, false), (180_000, 90_624, true), (90_501, 90_624, false),
            (90_601, 90_624, true), (90_624, 100_001, false),
        ] as [(Int32, Int32, Bool)])
    func `REQ-29 only a client of an older major release is too old`(client: Int32, server: Int32, isEnough: Bool) {
        #expect(DumpClient(path: "x", version: client).isNewEnough(for: server) == isEnough)
    }

    @Test(
        arguments: [
            (150_014, 180_006, 150_020, true), (180_006, 150_014, 150_020, false), (150_014, 150_020, 150_020, false),
            (180_006, 170_011, 150_020, true), (180_006, 150_014, nil, true), (150_014, 150_014, nil, false),
        ] as [(Int32, Int32, Int32?, Bool)])
    func `REQ-29 the server's own release comes first, then the newest`(
        client: Int32, other: Int32, server: Int32?, isBetter: Bool
    ) {
        let (one, two) = (DumpClient(path: "x", version: client), DumpClient(path: "y", version: other))
        #expect(one.isBetter(than: two, for: server) == isBetter)
    }
}
