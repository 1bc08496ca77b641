internal import RoostSystem

/// What a base backup is called after; also its key where encryption is asked for without one.
package enum BaseBackupTag {
    /// The first that there is of: what was asked for, the name of the cluster, an address of this host, its name.
    static func choose(_ wanted: String?, clusterName: String?) throws(RoostError) -> String {
        for name in [wanted, clusterName] {
            if let name, !name.isEmpty { return name }
        }
        return ofHost(addresses: try HostAddress.addresses(), name: try HostAddress.name())
    }

    /// A private address before any other, an address before the name.
    package static func ofHost(addresses: [String], name: String) -> String {
        addresses.first { $0.hasPrefix("10.") || $0.hasPrefix("192.") } ?? addresses.first
            ?? (name.isEmpty ? "localhost" : name)
    }

    /// Fit for a file name: letters, digits, dot, underscore and hyphen as they are, each other character as an underscore.
    package static func cleaned(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
    }
}
