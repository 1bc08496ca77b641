import Foundation
import Testing

/// The direction of dependencies, as `docs/modules.md` describes them.
@Suite struct ArchitectureTests {
    /// What each module may depend on; a module that is missing here may depend on nothing.
    private static let allowed: [String: Set<String>] = [
        "RoostSystem": [],
        "RoostPostgres": ["RoostSystem"],
        "RoostFormat": ["RoostSystem", "RoostPostgres"],
        "RoostTransform": ["RoostSystem", "RoostPostgres", "RoostFormat"],
        "RoostStorage": ["RoostSystem"],
        "RoostOptions": ["RoostSystem"],
        "RoostEngine": ["RoostSystem", "RoostPostgres", "RoostFormat", "RoostTransform", "RoostStorage"],
        "RoostAdmin": [
            "RoostSystem", "RoostPostgres", "RoostFormat", "RoostTransform", "RoostStorage", "RoostEngine",
        ],
        "RoostCommands": [
            "RoostSystem", "RoostPostgres", "RoostFormat", "RoostTransform", "RoostStorage", "RoostEngine",
            "RoostAdmin", "RoostOptions",
        ],
        "roost": ["RoostCommands", "RoostSystem"],
        "RoostTesting": ["RoostSystem"],
        "roost-benchmark-format": ["RoostSystem", "RoostPostgres", "RoostFormat"],
    ]

    @Test func `dependencies in the manifest point down only`() throws {
        for target in try Package.read().targets where !target.isTest {
            let ours = target.dependencies.filter { $0.hasPrefix("Roost") || $0 == "roost" }
            let permitted = Self.allowed[target.name] ?? []
            #expect(Set(ours).subtracting(permitted) == [], "\(target.name) must not depend on these")
        }
    }

    @Test func `imports in the sources point down only`() throws {
        for file in try SourceFile.all() {
            let ours = file.imports.filter { $0.hasPrefix("Roost") || $0 == "roost" }
            let permitted = Self.allowed[file.module] ?? []
            #expect(Set(ours).subtracting(permitted) == [], "\(file.path) must not import these")
        }
    }

    @Test func `every import is declared in the manifest`() throws {
        let targets = try Package.read().targets
        let known = Set(targets.map(\.name))
        for file in try SourceFile.all() {
            let declared = Set(targets.first { $0.name == file.module }?.dependencies ?? [])
            #expect(Set(file.imports).intersection(known).subtracting(declared) == [], "\(file.path)")
        }
    }

    @Test func `a C library is imported by one module, and internally`() throws {
        let libraries = Set(try Package.read().targets.filter { $0.kind == "system" }.map(\.name))
        #expect(!libraries.isEmpty)
        var users: [String: Set<String>] = [:]
        for file in try SourceFile.all() {
            for library in libraries.intersection(file.imports) { users[library, default: []].insert(file.module) }
            for line in file.importLines where libraries.contains(line.module) {
                #expect(
                    line.modifier == "internal" || line.modifier == "",
                    "\(file.path) imports \(line.module) openly"
                )
            }
        }
        for (library, modules) in users {
            #expect(modules.count == 1, "\(library) is imported by \(modules.sorted().joined(separator: ", "))")
        }
    }

    @Test func `Foundation stays out of what links into roost`() throws {
        for file in try SourceFile.all() where file.module != "RoostTesting" {
            let foundation = file.imports.filter { $0.hasPrefix("Foundation") || $0 == "Dispatch" }
            #expect(foundation == [], "\(file.path)")
        }
    }

    @Test func `nothing that links into roost depends on RoostTesting`() throws {
        for target in try Package.read().targets where !target.isTest {
            #expect(!target.dependencies.contains("RoostTesting"), "\(target.name)")
        }
    }

    @Test func `every target has its paragraph in docs/modules.md, and no other has`() throws {
        let text = try String(contentsOfFile: Package.root + "/docs/modules.md", encoding: .utf8)
        let described = Set(text.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { String($0.dropFirst(4)) })
        let targets = try Package.read().targets.filter { !$0.isTest && $0.kind != "system" }
        #expect(Set(targets.map(\.name)) == described)
        for library in try Package.read().targets where library.kind == "system" {
            #expect(text.contains("`\(library.name)`"), "\(library.name)")
        }
    }

    @Test func `no module is called after nothing in particular`() throws {
        let vague = ["Core", "Utils", "Util", "Helpers", "Common", "Manager", "Shared", "Misc"]
        for target in try Package.read().targets {
            #expect(!vague.contains { target.name.hasSuffix($0) }, "\(target.name)")
        }
    }
}
