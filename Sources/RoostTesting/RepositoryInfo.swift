import Foundation

/// What `info --output=json` says about one stanza, read without trust in who wrote it.
package struct RepositoryInfo: Sendable {
    package struct Backup: Sendable, Equatable {
        package var label: String
        package var type: String
        package var prior: String?
        package var startTime: Int
        package var stopTime: Int
        package var archiveStart: String?
        package var archiveStop: String?
        package var hasErrors: Bool
    }

    package var statusCode: Int
    package var backups: [Backup]
    package var archiveMinimum: String?
    package var archiveMaximum: String?
    /// The whole text, to compare two tools field by field.
    package var text: String

    package var labels: [String] { backups.map(\.label) }

    package init(json: String) throws {
        text = json
        guard let stanzas = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]],
            let stanza = stanzas.first, stanzas.count == 1
        else { throw TestFailure("not one stanza in \(json)") }
        statusCode = (stanza["status"] as? [String: Any])?["code"] as? Int ?? -1
        let archive = (stanza["archive"] as? [[String: Any]])?.last
        archiveMinimum = archive?["min"] as? String
        archiveMaximum = archive?["max"] as? String
        backups = try (stanza["backup"] as? [[String: Any]] ?? []).map { entry in
            guard let label = entry["label"] as? String, let type = entry["type"] as? String,
                let time = entry["timestamp"] as? [String: Any], let start = time["start"] as? Int,
                let stop = time["stop"] as? Int
            else { throw TestFailure("incomplete backup in \(json)") }
            let wal = entry["archive"] as? [String: Any]
            return Backup(
                label: label,
                type: type,
                prior: entry["prior"] as? String,
                startTime: start,
                stopTime: stop,
                archiveStart: wal?["start"] as? String,
                archiveStop: wal?["stop"] as? String,
                hasErrors: entry["error"] as? Bool ?? false
            )
        }
    }

    /// Every scalar of the JSON text by its path, for comparison: `[0].backup[1].label` = `...`.
    package func fields() throws -> [String: String] {
        var fields: [String: String] = [:]
        func visit(_ value: Any, _ path: String) {
            switch value {
            case let object as [String: Any]: for (key, part) in object { visit(part, path + "." + key) }
            case let list as [Any]: for (index, part) in list.enumerated() { visit(part, path + "[\(index)]") }
            default: fields[path] = "\(value)"
            }
        }
        visit(try JSONSerialization.jsonObject(with: Data(text.utf8)), "")
        return fields
    }
}
