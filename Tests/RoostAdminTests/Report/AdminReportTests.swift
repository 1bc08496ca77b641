import RoostAdmin
import RoostFormat
import RoostSystem
import Testing

@Suite struct AdminReportTests {
    @Test func `a report without steps has changed nothing and not failed`() {
        #expect(AdminReport().json == #"{"changed":false,"code":0,"facts":{},"failed":false,"steps":[]}"# + "\n")
        #expect(AdminReport().text == "")
    }

    @Test func `JSON is one line, whatever other programs say`() throws {
        var report = AdminReport()
        report.ok("directory", "'/pg/backup' is there")
        report.changed("dump", "said \"a\\b\"\n\u{1B}[31mred\u{0}")
        report.skipped("check", "not asked for")
        report.facts["backups"] = .integer(2)
        #expect(
            report.json
                == #"{"changed":true,"code":0,"facts":{"backups":2},"failed":false,"steps":["#
                + #"{"message":"'/pg/backup' is there","name":"directory","status":"ok"},"#
                + #"{"message":"said \"a\\b\"\n"# + "\u{FFFD}[31mred\u{FFFD}"
                + #"","name":"dump","status":"changed"},"#
                + #"{"message":"not asked for","name":"check","status":"skipped"}]}"# + "\n")
        #expect(try JSONValue(parsing: report.json.trimmingLineEnd)["facts"]?["backups"] == .unsigned(2))
    }

    @Test func `the first error decides the exit status`() {
        var report = AdminReport()
        report.failed("probe", AdminRefusal(.locked, "repository is locked until tomorrow", hints: ["wait"]))
        report.failed("server", RoostError(.dbConnect, "no server"))
        #expect(report.hasFailed)
        #expect(report.code == 60)
        #expect(report.steps.map(\.message) == ["repository is locked until tomorrow\nHINT: wait", "no server"])
        var other = AdminReport()
        other.failed("server", RoostError(.dbConnect, "no server"))
        #expect(other.code == 56)
    }

    @Test func `text has a line for each step, with further lines of a message below the first`() {
        var report = AdminReport()
        report.ok("stanza", "demo exists")
        report.changed("first-backup", "made\nin two lines")
        #expect(
            report.text == """
                ok       stanza        demo exists
                changed  first-backup  made
                                       in two lines

                """)
    }

    @Test func `a dry run says what would be changed`() throws {
        var report = AdminReport(isDryRun: true)
        report.changed("stanza", "create demo")
        #expect(report.text == "dry run: nothing is changed\nwould    stanza  create demo\n")
        let json = try JSONValue(parsing: report.json.trimmingLineEnd)
        #expect(json["changed"] == .bool(true))
        #expect(json["facts"]?["dry-run"] == .bool(true))
    }

    @Test func `the own exit statuses are those that playbooks know`() {
        #expect(AdminRefusal.Reason.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 60])
    }
}

extension String {
    fileprivate var trimmingLineEnd: String { String(dropLast(hasSuffix("\n") ? 1 : 0)) }
}
