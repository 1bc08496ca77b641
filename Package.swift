// swift-tools-version: 6.2
import PackageDescription

let strictBuild = Context.environment["ROOST_STRICT"] == "1"

let shared: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableExperimentalFeature("Lifetimes"),
    ] + (strictBuild ? [.treatAllWarnings(as: .error)] : [])
let strict = shared + [.strictMemorySafety()]

/// A C library of the system: a module map and a shim header, nothing else.
func cLibrary(_ name: String) -> Target {
    .systemLibrary(name: name, path: "Sources/CLibraries/\(name)")
}

/// Codecs come from their static archives: `archive-push` starts once per WAL segment, and each shared library costs.
func module(
    _ name: String, _ dependencies: [String], settings: [SwiftSetting] = shared, linking libraries: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, swiftSettings: settings,
        linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// - Parameter data: Directories of golden files, found by the tests beside their source.
func tests(_ name: String, _ dependencies: [String], data: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, exclude: data, swiftSettings: shared)
}

let package = Package(
    name: "roost",
    products: [.executable(name: "roost", targets: ["roost"])],
    targets: [
        cLibrary("CLinux"),
        cLibrary("CLibcrypto"),
        cLibrary("CZstd"),
        cLibrary("CLZ4"),
        cLibrary("CZlib"),
        cLibrary("CBzip2"),
        cLibrary("CLibdeflate"),
        cLibrary("CISAL"),
        .target(name: "CRoostKernels", cSettings: [.unsafeFlags(["-O3"])]),

        module("RoostSystem", ["CLinux", "CLibcrypto"], linking: ["crypto"]),
        module("RoostPostgres", ["RoostSystem", "CRoostKernels"], settings: strict),
        module("RoostFormat", ["RoostSystem", "RoostPostgres"], settings: strict),
        module(
            "RoostTransform",
            [
                "RoostSystem", "RoostPostgres", "RoostFormat", "CRoostKernels", "CZstd", "CLZ4", "CZlib", "CBzip2",
                "CLibdeflate", "CISAL",
            ],
            linking: [":libzstd.a", ":liblz4.a", ":libz.a", ":libbz2.a", ":libdeflate.a"]),
        module("RoostStorage", ["RoostSystem"]),
        module("RoostOptions", ["RoostSystem"], settings: strict),
        module("RoostEngine", ["RoostSystem", "RoostFormat", "RoostPostgres", "RoostTransform", "RoostStorage"]),
        module(
            "RoostAdmin",
            ["RoostSystem", "RoostFormat", "RoostPostgres", "RoostTransform", "RoostStorage", "RoostEngine"]),
        module(
            "RoostCommands",
            [
                "RoostSystem", "RoostFormat", "RoostPostgres", "RoostStorage", "RoostEngine", "RoostAdmin",
                "RoostOptions",
            ]),
        .executableTarget(
            name: "roost", dependencies: ["RoostCommands"], swiftSettings: shared,
            linkerSettings: [.unsafeFlags(["-static-stdlib"])]),

        .executableTarget(
            name: "roost-benchmark-format", dependencies: ["RoostSystem", "RoostPostgres", "RoostFormat"],
            path: "Benchmarks/format", swiftSettings: shared, linkerSettings: [.unsafeFlags(["-static-stdlib"])]),
        module("RoostTesting", ["RoostSystem"]),

        tests("RoostSystemTests", ["RoostSystem", "RoostTesting"]),
        tests("RoostPostgresTests", ["RoostSystem", "RoostPostgres"], data: ["Fixtures"]),
        tests(
            "RoostTransformTests",
            ["CRoostKernels", "RoostSystem", "RoostPostgres", "RoostFormat", "RoostTransform"]),
        tests("RoostFormatTests", ["RoostSystem", "RoostPostgres", "RoostFormat"], data: ["Golden"]),
        tests("RoostStorageTests", ["RoostSystem", "RoostStorage"]),
        tests("RoostOptionsTests", ["RoostSystem", "RoostOptions"]),
        tests("RoostEngineTests", ["RoostSystem", "RoostFormat", "RoostPostgres", "RoostStorage", "RoostEngine"]),
        tests(
            "RoostAdminTests",
            ["RoostSystem", "RoostFormat", "RoostPostgres", "RoostEngine", "RoostAdmin", "RoostTesting"]),
        tests("IntegrationTests", ["RoostSystem", "RoostTesting"]),
        tests("AdminTests", ["RoostSystem", "RoostTesting"], data: ["Exporter/roost.rules.test.yml"]),
        tests(
            "InteropTests", ["RoostSystem", "RoostPostgres", "RoostFormat", "RoostTesting"], data: ["Golden"]),
        tests("ArchitectureTests", []),
    ]
)
