/// The releases that files and commands name.
package enum Release {
    /// pgBackRest's release whose format and behaviour ours match; written as `backrest-version`.
    package static let compatible = "2.60.0"
    /// The same as a number, 2060000.
    package static var compatibleNumber: Int {
        compatible.split(separator: ".").reduce(0) { $0 * 1000 + (Int($1) ?? 0) }
    }
    /// In partial manifests: stock resumes only its own version's backups, so it never continues one of ours by accident.
    package static let partial = "2.60.0-roost"
    /// Our own.
    package static let roost = "0.1.0"
}
