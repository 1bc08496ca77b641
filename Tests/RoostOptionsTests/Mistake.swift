import Testing

/// A command line that must fail, and how; texts and numbers are those of pgBackRest 2.60, run on the same input.
///
/// What we add: `did you mean`, the name of a broken file, and which indexes exist.
struct Mistake: Sendable, CustomTestStringConvertible {
    let line: String
    var config: String?
    var environment: [String]
    let expected: String

    init(_ line: String, config: String? = nil, environment: [String] = [], _ expected: String) {
        self.line = line
        self.config = config
        self.environment = environment
        self.expected = expected
    }

    var outcome: String { failure(line, config: config, environment: environment) }

    var testDescription: String { "\(line) \(config ?? "")" }
}
