import Glibc
import RoostSystem
import Testing

@Suite struct ErrorCodeTests {
    /// The specification `expire-verify-info-check`, section 11.
    private static let table: [(Int32, String)] = [
        (25, "AssertError"), (26, "ChecksumError"), (27, "ConfigError"), (28, "FileInvalidError"),
        (29, "FormatError"), (30, "CommandRequiredError"), (31, "OptionInvalidError"),
        (32, "OptionInvalidValueError"), (37, "OptionRequiredError"), (38, "PgRunningError"), (39, "ProtocolError"),
        (40, "PathNotEmptyError"), (41, "FileOpenError"), (42, "FileReadError"), (43, "ParamRequiredError"),
        (44, "ArchiveMismatchError"), (45, "ArchiveDuplicateError"), (46, "VersionNotSupportedError"),
        (47, "PathCreateError"), (48, "CommandInvalidError"), (49, "HostConnectError"), (50, "LockAcquireError"),
        (51, "BackupMismatchError"), (52, "FileSyncError"), (53, "PathOpenError"), (54, "PathSyncError"),
        (55, "FileMissingError"), (56, "DbConnectError"), (57, "DbQueryError"), (58, "DbMismatchError"),
        (60, "FileRemoveError"), (61, "PathRemoveError"), (62, "StopError"), (63, "TermError"),
        (64, "FileWriteError"), (67, "FeatureNotSupportedError"), (68, "ArchiveCommandInvalidError"),
        (69, "LinkExpectedError"), (70, "LinkDestinationError"), (72, "HostInvalidError"), (73, "PathMissingError"),
        (74, "FileMoveError"), (75, "BackupSetInvalidError"), (76, "TablespaceMapError"), (78, "LinkMapError"),
        (79, "FileCloseError"), (80, "DbMissingError"), (81, "DbInvalidError"), (82, "ArchiveTimeoutError"),
        (83, "FileModeError"), (87, "ArchiveDisabledError"), (88, "FileOwnerError"), (89, "UserMissingError"),
        (93, "FileExistsError"), (94, "MemoryError"), (95, "CryptoError"), (96, "ParamInvalidError"),
        (97, "PathCloseError"), (98, "FileInfoError"), (99, "JsonFormatError"), (100, "KernelError"),
        (101, "ServiceError"), (102, "ExecuteError"), (103, "RepoInvalidError"), (104, "CommandError"),
        (105, "AccessError"), (106, "ClockError"), (122, "RuntimeError"), (124, "UnhandledError"),
        (125, "UnknownError"),
    ]

    @Test func `names and exit statuses are those of the table, by rising status`() {
        #expect(ErrorCode.all.map(\.exitStatus) == Self.table.map(\.0))
        #expect(ErrorCode.all.map(\.name) == Self.table.map(\.1))
    }

    @Test func `names and exit statuses are unique`() {
        #expect(Set(ErrorCode.all.map(\.exitStatus)).count == ErrorCode.all.count)
        #expect(Set(ErrorCode.all.map(\.name)).count == ErrorCode.all.count)
        #expect(ErrorCode.all.allSatisfy { (25...125).contains($0.exitStatus) })
    }
}

@Suite struct RoostErrorTests {
    private struct Foreign: Error {}

    @Test func `hints follow the message, a line each`() {
        let error = RoostError(.fileMissing, "unable to open 'x'", hints: ["has it been made?", "is it there?"])
        #expect("\(error)" == "unable to open 'x'\nHINT: has it been made?\nHINT: is it there?")
        #expect(error.during("restore").message == "restore: unable to open 'x'")
        #expect(error.during("restore").hints == error.hints)
    }

    @Test(arguments: [(ENOSPC, "free space"), (EDQUOT, "quota"), (EACCES, "user"), (EROFS, "read-only")])
    func `a failed call says what, on which object, why, and what to do`(number: Int32, hint: String) {
        let error = RoostError.system(.fileWrite, unableTo: "write", "/a/b", errno: number)
        #expect(error.message == "unable to write '/a/b': [\(number)] \(errorText(number))")
        #expect(error.hints.contains { $0.contains(hint) })
        #expect(error.errno == number)
    }

    @Test func `foreign errors become unhandled ones, our own stay`() {
        #expect(RoostError.wrapping(Foreign()).code == .unhandled)
        #expect(RoostError.wrapping(RoostError(.stop, "x")).code == .stop)
    }

    @Test func `three codes end a command at once`() {
        #expect(ErrorCode.all.filter { RoostError($0, "").isFatal } == [.assert, .term, .memory])
    }
}
