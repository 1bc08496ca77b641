/// What one fork is to be: a copy of a data directory on the same host that starts as a server of its own.
package struct ForkSettings: Sendable {
    package var source: String
    package var destination: String
    /// The port of the source; nil for the one that its `postmaster.pid` tells.
    package var sourcePort: UInt16?
    package var destinationPort: UInt16
    /// Copy the files of a server that is stopped.
    package var isCold = false
    package var isDryRun = false

    package init(source: String, destination: String, destinationPort: UInt16) {
        self.source = source
        self.destination = destination
        self.destinationPort = destinationPort
    }
}
