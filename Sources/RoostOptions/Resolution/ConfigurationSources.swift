internal import RoostSystem

/// Which configuration files are read.
enum ConfigurationSources {
    private static let directory = "/etc/pgbackrest"
    private static let fileName = "pgbackrest.conf"
    private static let includeName = "conf.d"
    /// Where the file was before it got a directory.
    private static let formerFile = "/etc/pgbackrest.conf"

    /// All settings of all files, in the order of reading.
    ///
    /// - Throws: ``ErrorCode/fileMissing`` or ``ErrorCode/pathMissing`` for what was named and does not exist.
    static func load(
        _ given: GivenValues,
        from files: any ConfigurationFiles
    ) throws(RoostError) -> [ConfigurationEntry] {
        let file = given[Options.config]
        let base = given[Options.configPath]?.texts.first
        let include = given[Options.configIncludePath]?.texts.first
        var entries: [ConfigurationEntry] = []
        if file?.isNegated != true {
            entries = try mainFile(named: file?.texts.first, in: base ?? directory, files)
        }
        // A named file, or none at all, stands alone unless a directory is named too.
        if file == nil || base != nil || include != nil {
            entries += try includedFiles(
                in: include ?? "\(base ?? directory)/\(includeName)",
                mustExist: include != nil,
                files
            )
        }
        return entries
    }

    private static func mainFile(
        named name: String?,
        in base: String,
        _ files: any ConfigurationFiles
    ) throws(RoostError) -> [ConfigurationEntry] {
        if let name {
            guard let content = try files.content(of: name) else { throw .missing(name) }
            return try ConfigurationText.parse(content, path: name)
        }
        let path = "\(base)/\(fileName)"
        if let content = try files.content(of: path) { return try ConfigurationText.parse(content, path: path) }
        guard base == directory, let content = try files.content(of: formerFile) else { return [] }
        return try ConfigurationText.parse(content, path: formerFile)
    }

    private static func includedFiles(
        in directory: String,
        mustExist: Bool,
        _ files: any ConfigurationFiles
    ) throws(RoostError) -> [ConfigurationEntry] {
        guard let names = try files.names(in: directory) else {
            guard !mustExist else {
                throw RoostError(.pathMissing, "unable to list file info for missing path '\(directory)'")
            }
            return []
        }
        var entries: [ConfigurationEntry] = []
        for name in names.sorted() where name.hasSuffix(".conf") && name.utf8.count > ".conf".utf8.count {
            let path = "\(directory)/\(name)"
            if let content = try files.content(of: path) {
                entries += try ConfigurationText.parse(content, path: path)
            }
        }
        return entries
    }
}
