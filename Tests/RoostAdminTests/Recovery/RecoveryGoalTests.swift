import RoostAdmin
import Testing

@Suite struct RecoveryGoalTests {
    @Test(arguments: [
        ("time", "2026-11-22 15:00:00+00", "2026-11-22 15:00:00+00"),
        ("time", "2026-11-22T15:00:00.123-03:30", "2026-11-22 15:00:00.123-03:30"),
        ("time", "2026-12-31 23:59:59", "2026-12-31 23:59:59"), ("lsn", "0/4000028", "0/4000028"),
        ("lsn", "ab/cdef0123", "AB/CDEF0123"), ("xid", "0042", "42"), ("xid", "4294967295", "4294967295"),
        ("name", "before the change", "before the change"),
    ])
    func `REQ-30 a target is taken as the engine wants it`(type: String, value: String, text: String) throws {
        var goal = RecoveryGoal()
        goal.target = try RecoveryGoal.target(type: type, value: value)
        #expect(goal.options == ["--type=\(type)", "--target=\(text)"])
        try goal.check()
        goal.action = .promote
        goal.set = try RecoveryGoal.checkedSet("20261122-141514F_20261122-151514I")
        goal.timeline = try RecoveryGoal.checkedTimeline("03")
        #expect(
            goal.options.dropFirst(2) == [
                "--target-action=promote", "--target-timeline=3", "--set=20261122-141514F_20261122-151514I",
            ])
    }

    @Test(arguments: [
        ("time", "2026-13-01 00:00:00"), ("time", "2026-11-22"), ("time", "2026-11-22 15:00"), ("time", "now"),
        ("time", "2026-11-22 24:00:00"), ("time", "2026-11-22 15:00:00Z"), ("time", "2026-11-22 15:00:00+0"),
        ("lsn", "0"), ("lsn", "0/G"), ("lsn", "123456789/0"), ("lsn", "0/4 "), ("xid", "0"), ("xid", "4294967296"),
        ("xid", "-1"), ("xid", ""), ("name", ""), ("name", "a'b"), ("name", "a\nb"), ("date", "2026"),
    ])
    func `REQ-30 what is no target is refused`(type: String, value: String) {
        #expect(throws: AdminRefusal.self) { try RecoveryGoal.target(type: type, value: value) }
    }

    @Test func `REQ-30 latest and immediate take no value, and nothing lies before them`() throws {
        var goal = RecoveryGoal()
        #expect(goal.options == [])
        #expect(!goal.waitsAtTarget)
        goal.isExclusive = true
        #expect(throws: AdminRefusal.self) { try goal.check() }
        goal.target = .immediate
        #expect(throws: AdminRefusal.self) { try goal.check() }
        goal.isExclusive = false
        #expect(goal.options == ["--type=immediate"])
        #expect(goal.waitsAtTarget)
        #expect(try RecoveryGoal.checkedSet("latest") == nil)
        for text in ["", "20261122-141514", "latest ", "../x"] {
            #expect(throws: AdminRefusal.self) { try RecoveryGoal.checkedSet(text) }
        }
        for text in ["0", "-1", "last", "4294967296"] {
            #expect(throws: AdminRefusal.self) { try RecoveryGoal.checkedTimeline(text) }
        }
    }

    @Test(arguments: [
        ("2026-11-22 15:00:00", false), ("2026-11-22 15:00:00.5", false), ("2026-11-22 15:00:00-03", true),
        ("2026-11-22 15:00:00.5+05:30", true),
    ])
    func `a time tells whether it names its zone`(text: String, hasZone: Bool) throws {
        var goal = RecoveryGoal()
        goal.target = try RecoveryGoal.target(type: "time", value: text)
        #expect(goal.hasZone == hasZone)
    }

    @Test(arguments: [
        (["/usr/bin/python3", "/usr/bin/patroni", "/etc/patroni/patroni.yml"], "/etc/patroni/patroni.yml"),
        (["python3.11", "-m", "patroni", "/p.yml"], "/p.yml"), (["/usr/bin/patroni", "/p.yml"], "/p.yml"),
        (["vi", "/etc/patroni/patroni.yml"], nil), (["/usr/bin/patronictl", "list"], nil), (["patroni"], nil),
        ([], nil),
    ])
    func `Patroni is known by its command line`(words: [String], configuration: String?) {
        #expect(PatroniProcess.configuration(in: words) == configuration)
    }

    @Test(arguments: [
        ("postgresql:\n  data_dir: /pg/data # here\n", "/pg/data"), ("  data_dir: '/pg/my data'\n", "/pg/my data"),
        ("# data_dir: /x\nscope: y\n", nil),
    ])
    func `Patroni's configuration tells the data directory`(text: String, directory: String?) {
        #expect(PatroniProcess.dataDirectory(in: text) == directory)
    }
}
