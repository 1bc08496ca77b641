internal import CLinux
internal import Glibc
internal import Synchronization

/// HUP, INT and TERM ask a command to end cleanly: it notices at the next chunk of data and throws ``ErrorCode/term``.
package enum Interrupt {
    private static let received = Atomic<Int32>(0)

    /// Starts to catch the signals; a closed pipe is reported by `write` from now on and no longer kills.
    package static func install() {
        _ = received.load(ordering: .relaxed)  // make it before a handler could be the first to need it
        for number in [SIGHUP, SIGINT, SIGTERM] {
            signal(number) { Interrupt.received.store($0, ordering: .relaxed) }
        }
        CLinux_ignore_signal(SIGPIPE)
    }

    /// The number of the signal that came last, nil if none did.
    package static var signalNumber: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// - Throws: ``ErrorCode/term`` once a signal has come.
    package static func check() throws(RoostError) {
        let number = received.load(ordering: .relaxed)
        guard number == 0 else {
            throw RoostError(.term, "terminated on signal [\(name(number))]")
        }
    }

    /// Waits, but not past a signal.
    package static func sleep(milliseconds: Int64) throws(RoostError) {
        let end = monotonicMilliseconds() + milliseconds
        while true {
            try check()
            let remaining = end - monotonicMilliseconds()
            guard remaining > 0 else { return }
            SystemClock().sleep(milliseconds: min(remaining, 100))
        }
    }

    private static func name(_ number: Int32) -> String {
        switch number {
        case SIGHUP: "SIGHUP"
        case SIGINT: "SIGINT"
        default: "SIGTERM"
        }
    }
}
