package import RoostSystem

/// What every command is handed besides its settings, so that a test can stage time and read the log.
package struct CommandContext {
    package let log: any Log
    package let clock: any WallClock

    package init(log: any Log, clock: any WallClock = SystemClock()) {
        self.log = log
        self.clock = clock
    }
}
