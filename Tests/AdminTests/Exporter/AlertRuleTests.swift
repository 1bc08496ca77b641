import Foundation
import RoostTesting
import Testing

@Suite struct AlertRuleTests {
    /// Beside each other, as promtool wants them.
    private func with(_ body: (ScratchDirectory) throws -> Void) throws {
        let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        try ScratchDirectory.with { scratch in
            for file in [
                root.appendingPathComponent("docs/monitoring/roost.rules.yml"),
                here.appendingPathComponent("roost.rules.test.yml"),
            ] {
                try scratch.file(file.lastPathComponent, try String(contentsOf: file, encoding: .utf8))
            }
            try body(scratch)
        }
    }

    @Test func `the alert rules are valid, and each fires when it should and not before`() throws {
        try with { scratch in
            try Command(try TestHost.promtool(), ["check", "rules", scratch.path + "/roost.rules.yml"]).run()
                .requireSuccess()
            try Command(try TestHost.promtool(), ["test", "rules", scratch.path + "/roost.rules.test.yml"]).run()
                .requireSuccess()
            let rules = try String(contentsOfFile: scratch.path + "/roost.rules.yml", encoding: .utf8)
            let tests = try String(contentsOfFile: scratch.path + "/roost.rules.test.yml", encoding: .utf8)
            let names = rules.components(separatedBy: "alert: ").dropFirst().map { $0.prefix { !$0.isNewline } }
            #expect(names.count == 12)
            for name in names {
                // Once where it fires, at least once where it does not; those without a delay have nothing to wait for.
                #expect(tests.contains("alertname: \(name)\n"), "\(name) is tested")
            }
        }
    }

    @Test func `every metric that an alert asks for is one of ours or of pg_exporter and node_exporter`() throws {
        try with { scratch in
            let rules = try String(contentsOfFile: scratch.path + "/roost.rules.yml", encoding: .utf8)
            let asked = Set(
                rules.components(separatedBy: "\n").filter { $0.contains("expr:") }.flatMap { line in
                    line.matches(of: /(pgbackrest|roost)_[a-z_]+/).map { String($0.output.0) }
                })
            try ScratchStanza.with(.init(walSegmentMegabytes: 1), archiver: .roost) { stanza in
                try stanza.backup(.roost)
                let page = try stanza.exporter().run().requireSuccess().standardOutput
                let names = Set(Metrics(page).values.keys.map { String($0.prefix { $0 != "{" }) })
                #expect(asked.subtracting(names) == [])
                #expect(asked.count == 7, "\(asked)")
            }
        }
    }
}
