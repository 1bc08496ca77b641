import Foundation

/// The targets that Package.swift declares, as SwiftPM understands them.
struct Package {
    struct Target {
        var name: String
        var kind: String
        var dependencies: [String]
        var isTest: Bool { kind == "test" }
    }

    var targets: [Target]

    /// The checkout, by the place of this file in it.
    static let root: String = {
        var url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 1...3 { url.deleteLastPathComponent() }
        return url.path
    }()

    private static let description = Result { try describe() }

    static func read() throws -> Package { try description.get() }

    private static func describe() throws -> Package {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Its own scratch path: the test run may hold the lock of the usual one.
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("roost-describe-\(getpid())")
        defer { try? FileManager.default.removeItem(at: scratch) }
        process.arguments = [
            "swift", "package", "--package-path", root, "--scratch-path", scratch.path, "dump-package",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0,
            let manifest = try JSONSerialization.jsonObject(with: data) as? [String: Any],
            let targets = manifest["targets"] as? [[String: Any]]
        else { throw PackageError(text: "swift package dump-package failed in \(root)") }
        return Package(
            targets: targets.map { target in
                Target(
                    name: target["name"] as? String ?? "",
                    kind: target["type"] as? String ?? "",
                    dependencies: (target["dependencies"] as? [[String: Any]] ?? []).flatMap { names(of: $0) }
                )
            }
        )
    }

    /// `{"byName": ["RoostSystem", null]}` and its kin.
    private static func names(of dependency: [String: Any]) -> [String] {
        dependency.values.compactMap { ($0 as? [Any])?.first as? String }
    }
}

struct PackageError: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
}

/// A Swift file below `Sources` and what it imports.
struct SourceFile {
    struct Import {
        var modifier: String
        var module: String
    }

    var path: String
    var module: String
    var importLines: [Import]
    var imports: [String] { importLines.map(\.module) }

    private static let files = Result { try read() }

    static func all() throws -> [SourceFile] { try files.get() }

    private static func read() throws -> [SourceFile] {
        let sources = Package.root + "/Sources"
        guard let walk = FileManager.default.enumerator(atPath: sources) else {
            throw PackageError(text: "cannot list \(sources)")
        }
        let names = walk.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
        guard !names.isEmpty else { throw PackageError(text: "no Swift file below \(sources)") }
        return try names.map { name in
            let text = try String(contentsOfFile: sources + "/" + name, encoding: .utf8)
            return SourceFile(
                path: "Sources/" + name,
                module: String(name.prefix { $0 != "/" }),
                importLines: text.components(separatedBy: "\n").filter { $0.contains("import ") }.compactMap(parse)
            )
        }
    }

    private static func parse(_ line: String) -> Import? {
        guard
            let match = line.wholeMatch(
                of:
                    /\s*(?:@\w+\s+)*(internal|package|public|private|fileprivate)?\s*import\s+(?:struct|class|enum|func|protocol|typealias|let|var)?\s*(\w+).*/
            )
        else { return nil }
        return Import(modifier: String(match.1 ?? ""), module: String(match.2))
    }
}
