internal import Glibc

/// The machine.
package enum Host {
    /// How many processors are at work, at least 1.
    package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
