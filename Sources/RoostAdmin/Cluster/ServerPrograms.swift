internal import RoostSystem

/// Where the programs of a data directory's PostgreSQL are.
package struct ServerPrograms: Sendable, Equatable {
    /// Looked at in this order, before `PATH`.
    package let directories: [String]

    /// - Parameters:
    ///   - directory: Told by the administrator; then no other counts.
    ///   - dataDirectory: Tells the version.
    package init(directory: String?, dataDirectory: String) {
        if let directory {
            directories = [directory]
            return
        }
        let version = try? FileSystem.read("\(dataDirectory)/PG_VERSION", limit: 64)  // without it any version will do
        let major = String(decoding: (version ?? []).prefix { $0 != 0x0A }, as: UTF8.self)
        let ofVersion = major.isEmpty ? [] : ["/usr/lib/postgresql/\(major)/bin", "/usr/pgsql-\(major)/bin"]
        directories = ofVersion + ["/usr/pgsql/bin"]
    }

    package init(_ specification: ClusterSpecification) {
        self.init(directory: specification.programs, dataDirectory: specification.data)
    }

    /// - Throws: ``AdminRefusal/Reason/configuration`` if there is no such program.
    package func find(_ name: String) throws(AdminRefusal) -> String {
        guard let path = ChildProgram.find(name, in: directories) else {
            throw AdminRefusal(
                .configuration, "'\(name)' is neither in \(directories.joined(separator: ", ")) nor in PATH",
                hints: ["tell where PostgreSQL's programs are: --bin-dir, or bin_dir in the specification"])
        }
        return path
    }
}
