/// Measurements in Prometheus' text format, grouped by metric, in the order of a catalogue.
package struct MetricsPage: Sendable {
    /// What the format is called over HTTP.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Names and meanings of the metrics there may be.
    private let catalogue: [(name: String, help: String)]
    private var samples: [String: [String]] = [:]

    init(_ catalogue: [(name: String, help: String)]) { self.catalogue = catalogue }

    /// - Parameters:
    ///   - metric: One of the catalogue.
    ///   - labels: An empty value is shown too, since queries may ask for the name.
    mutating func add(_ metric: String, _ labels: [String: String], _ value: some BinaryInteger) {
        precondition(catalogue.contains { $0.name == metric }, "'\(metric)' has its place in the catalogue")
        let text = labels.sorted { $0.key < $1.key }.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        samples[metric, default: []].append("\(metric)\(text.isEmpty ? "" : "{\(text)}") \(value)\n")
    }

    /// Metrics without a sample are left out.
    package var text: String {
        catalogue.reduce(into: "") { text, entry in
            guard let samples = samples[entry.name] else { return }
            text += "# HELP \(entry.name) \(entry.help)\n# TYPE \(entry.name) gauge\n" + samples.joined()
        }
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case _ where character.isNewline: text += "\\n"
            default: text.append(character)
            }
        }
    }
}
