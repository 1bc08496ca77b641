import RoostAdmin
import Testing

@Suite struct SystemServiceTests {
    @Test(
        arguments: [
            ("0::/system.slice/postgres.service\n", "postgres"),
            ("0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n", "postgresql@15-main"),
            ("12:pids:/x\n1:name=systemd:/system.slice/postgres.service\n0::/\n", "postgres"),
            // Started by hand, by cron, from a shell that ssh gave.
            ("0::/user.slice/user-1000.slice/session-3.scope\n", nil), ("0::/system.slice/cron.service\n", nil),
            ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n", nil), ("0::/\n", nil), ("", nil),
        ] as [(String, String?)])
    func `the unit that runs a server is told by its control group`(groups: String, unit: String?) {
        #expect(SystemService.unit(inGroups: groups) { $0.hasPrefix("postgres") } == unit)
    }
}
