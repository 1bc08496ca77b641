import Glibc
import RoostSystem

/// The code of the error that a body throws; nil if it throws none.
func code(of body: () throws -> Void) -> ErrorCode? {
    do {
        try body()
        return nil
    } catch let error as RoostError {
        return error.code
    } catch {
        return .unknown
    }
}

/// Ends the process of an exit test with the status of the error that a body throws, if it throws one.
func exitWithStatus(of body: () throws -> Void) {
    if let code = code(of: body) { exit(code.exitStatus) }
}
