package import RoostSystem

/// Everything that decides what the options are.
package struct OptionInput: Sendable {
    /// `argv[0]`: the default of the option `cmd`.
    package var program: String
    /// Without the program.
    package var arguments: [String]
    /// `NAME=value` as the system passes them.
    package var environment: [String]
    package var dialect: Dialect
    package var isRoot: Bool
    package var files: any ConfigurationFiles
    package var assumedStanza: AssumedStanza
    /// Leaves out ``UnsupportedFeature``; for tests and for showing a configuration.
    package var acceptsUnsupported = false

    package init(
        program: String,
        arguments: [String],
        environment: [String] = [],
        dialect: Dialect = .pgbackrest,
        isRoot: Bool = false,
        files: any ConfigurationFiles = LocalConfigurationFiles()
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.dialect = dialect
        assumedStanza = dialect == .roost ? .only : .none
        self.isRoot = isRoot
        self.files = files
    }
}

extension OptionInput {
    /// Which stanza is meant where none is named.
    package enum AssumedStanza: Sendable {
        case none
        /// The one that the configuration has, if it has one, for a command that needs a stanza.
        case only
        /// The first of the configuration, for every command that knows the option.
        case first
    }
}

/// Under which name the tool was called, as far as options are concerned.
package enum Dialect: Sendable, Hashable {
    /// Exactly the commands and options of pgBackRest.
    case pgbackrest
    /// Those and what only Roost has.
    case roost
}

/// Where configuration files come from.
package protocol ConfigurationFiles: Sendable {
    /// The bytes of a file, nil if there is none.
    func content(of path: String) throws(RoostError) -> [UInt8]?

    /// The names in a directory, nil if there is none.
    func names(in directory: String) throws(RoostError) -> [String]?
}

/// The files of this host.
package struct LocalConfigurationFiles: ConfigurationFiles {
    package init() {}

    package func content(of path: String) throws(RoostError) -> [UInt8]? {
        do {
            return try FileSystem.read(path)
        } catch let error where error.code == .fileMissing {
            return nil
        }
    }

    package func names(in directory: String) throws(RoostError) -> [String]? {
        do {
            return try FileSystem.list(directory)
        } catch let error where error.code == .pathMissing {
            return nil
        }
    }
}
