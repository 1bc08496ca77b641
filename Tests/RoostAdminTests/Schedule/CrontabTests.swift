import RoostAdmin
import Testing

@Suite struct CrontabTests {
    private let block = "# BEGIN roost schedule a\n1\n# END roost schedule a\n"

    @Test(arguments: ["", "x\n", "x\ny\n\n", "# BEGIN roost schedule b\nq\n# END roost schedule b\nx\n"])
    func `what is not ours stays byte for byte`(text: String) throws {
        var crontab = try Crontab(parsing: text)
        #expect(crontab.text == text)
        #expect(crontab.block(of: "a") == nil)
        crontab.set("1\n", of: "a")
        #expect(crontab.text == text + block)
        crontab = try Crontab(parsing: crontab.text)
        #expect(crontab.block(of: "a") == "1\n")
        crontab.set(nil, of: "a")
        #expect(crontab.text == text)
    }

    @Test func `a block stays where it is unless lines of the user follow`() throws {
        var crontab = try Crontab(parsing: "x\n\(block)# BEGIN roost schedule b\nq\n# END roost schedule b\n")
        crontab.set("2\n", of: "a")
        #expect(crontab.text.hasPrefix("x\n# BEGIN roost schedule a\n2\n"))
        crontab = try Crontab(parsing: "\(block)x\n")
        crontab.set("1\n", of: "a")
        #expect(crontab.text == "x\n\(block)")
        // Somebody pasted it twice.
        crontab = try Crontab(parsing: "\(block)x\n\(block)")
        crontab.set("1\n", of: "a")
        #expect(crontab.text == "x\n\(block)")
        crontab = try Crontab(parsing: "\(block)x\n\(block)")
        crontab.set(nil, of: "a")
        #expect(crontab.text == "x\n")
    }

    @Test func `a last line without its end is completed`() throws {
        var crontab = try Crontab(parsing: "x")
        crontab.set("1\n", of: "a")
        #expect(crontab.text == "x\n\(block)")
    }

    @Test(arguments: ["# BEGIN roost schedule a\n1\n", "# BEGIN roost schedule a\n# BEGIN roost schedule b\n"])
    func `a block without an end is left alone`(text: String) {
        let refusal = #expect(throws: AdminRefusal.self) { try Crontab(parsing: text) }
        #expect(refusal?.reason == .configuration)
    }

    @Test(arguments: [
        "00 01 * * * /pg/bin/pg-backup full", "00 01 * * 2,3,4,5,6,7 /pg/bin/pg-backup",
        "*/5 0-23/2 1,15 jan-mar mon-fri x",
        "@daily /pg/bin/pg-backup", "# a comment", "MAILTO=\"\"", "PATH = /bin", "1 1 * * * date +\\%F",
        "\t0 1 * * * x",
    ])
    func `lines that cron understands pass`(line: String) throws { try CronLine.check(line, account: "postgres") }

    @Test(arguments: [
        ("60 1 * * * x", "minute '60'"), ("0 24 * * * x", "hour '24'"), ("0 1 0 * * x", "day '0'"),
        ("0 1 * 13 * x", "month '13'"), ("0 1 * * 8 x", "day of the week '8'"), ("0 1 * * * ", "no command"),
        ("0 1 * *", "no command"), ("0 1 5-2 * * x", "day '5-2'"), ("*/0 1 * * * x", "minute '*/0'"),
        ("1/5 1 * * * x", "minute '1/5'"), ("1, 1 * * * x", "minute '1,'"), ("", "is empty"), ("@often x", "'@often'"),
        ("0 1 * * * date +%F", "has a '%'"), ("0 1 * * * a\n0 2 * * * b", "more than one line"),
        ("0 1 * * * postgres /pg/bin/pg-backup", "names the user 'postgres'"), ("+1 1 * * * x", "minute '+1'"),
    ])
    func `lines that it does not are refused with what is wrong`(line: String, problem: String) {
        let refusal = #expect(throws: AdminRefusal.self) { try CronLine.check(line, account: "postgres") }
        #expect(refusal?.message.contains(problem) == true, "\(refusal?.description ?? "")")
    }
}
