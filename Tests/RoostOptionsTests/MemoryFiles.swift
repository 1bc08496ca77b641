import RoostOptions
import RoostSystem

/// Configuration files that exist in a test only.
struct MemoryFiles: ConfigurationFiles {
    var files: [String: String] = [:]
    /// Directories that exist although they are empty.
    var directories: [String] = []

    func content(of path: String) throws(RoostError) -> [UInt8]? {
        files[path].map { Array($0.utf8) }
    }

    func names(in directory: String) throws(RoostError) -> [String]? {
        let names = files.keys.filter { $0.hasPrefix("\(directory)/") }.map {
            String($0.dropFirst(directory.count + 1))
        }
        return names.isEmpty && !directories.contains(directory) ? nil : names
    }
}

/// Resolves a command line as a user would type it, with one configuration file.
func resolve(
    _ line: String,
    config: String? = nil,
    environment: [String] = [],
    dialect: Dialect = .pgbackrest,
    isRoot: Bool = false,
    supportedOnly: Bool = false
) throws(RoostError) -> ResolvedOptions {
    var files = MemoryFiles()
    if let config { files.files["/etc/pgbackrest/pgbackrest.conf"] = config }
    return try resolve(
        line.split(separator: " ").map(String.init),
        files,
        environment: environment,
        dialect: dialect,
        isRoot: isRoot,
        supportedOnly: supportedOnly
    )
}

/// Resolves arguments with any files.
func resolve(
    _ arguments: [String],
    _ files: MemoryFiles,
    environment: [String] = [],
    dialect: Dialect = .pgbackrest,
    isRoot: Bool = false,
    supportedOnly: Bool = false
) throws(RoostError) -> ResolvedOptions {
    var input = OptionInput(
        program: "/usr/bin/pgbackrest",
        arguments: arguments,
        environment: environment,
        dialect: dialect,
        isRoot: isRoot,
        files: files
    )
    input.acceptsUnsupported = !supportedOnly
    return try ResolvedOptions.resolve(input)
}

/// The error of a mistake as it would be logged: `[031]: text`, with hints; empty if there is none.
func failure(
    _ line: String,
    config: String? = nil,
    environment: [String] = [],
    dialect: Dialect = .pgbackrest,
    isRoot: Bool = false,
    supportedOnly: Bool = false
) -> String {
    failure(of: { () throws(RoostError) in
        var options = try resolve(
            line,
            config: config,
            environment: environment,
            dialect: dialect,
            isRoot: isRoot,
            supportedOnly: supportedOnly
        )
        _ = try options.applyRules()
    })
}

/// The error of a piece of code as it would be logged.
func failure(of body: () throws(RoostError) -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        let digits = "\(error.code.exitStatus)"
        return "[\(String(repeating: "0", count: 3 - digits.count))\(digits)]: \(error)"
    }
}
