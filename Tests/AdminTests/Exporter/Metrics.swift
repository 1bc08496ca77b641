import Foundation
import RoostTesting

/// A page in Prometheus' text format: each series with its value, as they stand there.
struct Metrics {
    var values: [String: String] = [:]

    init(_ page: String) {
        for line in page.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[String(line[..<space])] = String(line[line.index(after: space)...])
        }
    }

    func values(of metric: String) -> [String] {
        values.filter { $0.key == metric || $0.key.hasPrefix(metric + "{") }.map(\.value)
    }
}

extension ScratchStanza {
    /// `roost exporter` on this stanza's configuration.
    func exporter(_ arguments: String...) throws -> Command {
        Command(try Tool.roost.path, ["exporter", "--config=\(configuration)"] + arguments)
    }

    /// How many files wait for the archive.
    var waiting: Int {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: cluster.dataDirectory + "/pg_wal/archive_status")
                .count { $0.hasSuffix(".ready") }
        }
    }

    /// Has the server fail to archive some segments, and one of them given up.
    ///
    /// - Returns: How many are lost.
    func provokeGap() throws -> Int {
        try cluster.execute("alter system set archive_command = 'false'", "select pg_reload_conf()")
        var first = ""
        for _ in 1...3 {
            let segment = try cluster.value(
                "select pg_walfile_name(lsn) from (select pg_create_restore_point('roost test') lsn) point")
            if first.isEmpty { first = segment }
            try cluster.query("select pg_switch_wal()")
        }
        try waitUntil("three segments to wait") { try waiting >= 3 }
        try run(.roost, "--archive-push-queue-max=1MiB", "archive-push", "\(cluster.dataDirectory)/pg_wal/\(first)")
        let json = try run(.roost, "info", "--output=json").standardOutput
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
        let archives = object?.first?["archive"] as? [[String: Any]] ?? []
        let gaps = archives.flatMap { $0["gap"] as? [[String: Any]] ?? [] }
        guard !gaps.isEmpty else { throw TestFailure("no gap was recorded: \(json)") }
        return gaps.reduce(0) { $0 + ($1["count"] as? Int ?? 0) }
    }
}
