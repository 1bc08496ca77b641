/// The kind of a failure: its name in logs and the exit status of the process.
///
/// The numbers and names are pgBackRest's, which scripts, exporters and Ansible roles already test for
/// (specification `expire-verify-info-check`, section 11).
package struct ErrorCode: Sendable, Hashable {
    /// The name as logs show it, for example `LockAcquireError`.
    package let name: String
    /// The exit status of a process that ends with this error.
    package let exitStatus: Int32

    private init(_ name: String, _ exitStatus: Int32) {
        self.name = name
        self.exitStatus = exitStatus
    }
}

extension ErrorCode {
    package static let assert = ErrorCode("AssertError", 25)
    package static let checksum = ErrorCode("ChecksumError", 26)
    package static let config = ErrorCode("ConfigError", 27)
    package static let fileInvalid = ErrorCode("FileInvalidError", 28)
    package static let format = ErrorCode("FormatError", 29)
    package static let commandRequired = ErrorCode("CommandRequiredError", 30)
    package static let optionInvalid = ErrorCode("OptionInvalidError", 31)
    package static let optionInvalidValue = ErrorCode("OptionInvalidValueError", 32)
    package static let optionRequired = ErrorCode("OptionRequiredError", 37)
    package static let pgRunning = ErrorCode("PgRunningError", 38)
    package static let protocolFailure = ErrorCode("ProtocolError", 39)
    package static let pathNotEmpty = ErrorCode("PathNotEmptyError", 40)
    package static let fileOpen = ErrorCode("FileOpenError", 41)
    package static let fileRead = ErrorCode("FileReadError", 42)
    package static let paramRequired = ErrorCode("ParamRequiredError", 43)
    package static let archiveMismatch = ErrorCode("ArchiveMismatchError", 44)
    package static let archiveDuplicate = ErrorCode("ArchiveDuplicateError", 45)
    package static let versionNotSupported = ErrorCode("VersionNotSupportedError", 46)
    package static let pathCreate = ErrorCode("PathCreateError", 47)
    package static let commandInvalid = ErrorCode("CommandInvalidError", 48)
    package static let hostConnect = ErrorCode("HostConnectError", 49)
    package static let lockAcquire = ErrorCode("LockAcquireError", 50)
    package static let backupMismatch = ErrorCode("BackupMismatchError", 51)
    package static let fileSync = ErrorCode("FileSyncError", 52)
    package static let pathOpen = ErrorCode("PathOpenError", 53)
    package static let pathSync = ErrorCode("PathSyncError", 54)
    package static let fileMissing = ErrorCode("FileMissingError", 55)
    package static let dbConnect = ErrorCode("DbConnectError", 56)
    package static let dbQuery = ErrorCode("DbQueryError", 57)
    package static let dbMismatch = ErrorCode("DbMismatchError", 58)
    package static let fileRemove = ErrorCode("FileRemoveError", 60)
    package static let pathRemove = ErrorCode("PathRemoveError", 61)
    package static let stop = ErrorCode("StopError", 62)
    package static let term = ErrorCode("TermError", 63)
    package static let fileWrite = ErrorCode("FileWriteError", 64)
    package static let featureNotSupported = ErrorCode("FeatureNotSupportedError", 67)
    package static let archiveCommandInvalid = ErrorCode("ArchiveCommandInvalidError", 68)
    package static let linkExpected = ErrorCode("LinkExpectedError", 69)
    package static let linkDestination = ErrorCode("LinkDestinationError", 70)
    package static let hostInvalid = ErrorCode("HostInvalidError", 72)
    package static let pathMissing = ErrorCode("PathMissingError", 73)
    package static let fileMove = ErrorCode("FileMoveError", 74)
    package static let backupSetInvalid = ErrorCode("BackupSetInvalidError", 75)
    package static let tablespaceMap = ErrorCode("TablespaceMapError", 76)
    package static let linkMap = ErrorCode("LinkMapError", 78)
    package static let fileClose = ErrorCode("FileCloseError", 79)
    package static let dbMissing = ErrorCode("DbMissingError", 80)
    package static let dbInvalid = ErrorCode("DbInvalidError", 81)
    package static let archiveTimeout = ErrorCode("ArchiveTimeoutError", 82)
    package static let fileMode = ErrorCode("FileModeError", 83)
    package static let archiveDisabled = ErrorCode("ArchiveDisabledError", 87)
    package static let fileOwner = ErrorCode("FileOwnerError", 88)
    package static let userMissing = ErrorCode("UserMissingError", 89)
    package static let fileExists = ErrorCode("FileExistsError", 93)
    package static let memory = ErrorCode("MemoryError", 94)
    package static let crypto = ErrorCode("CryptoError", 95)
    package static let paramInvalid = ErrorCode("ParamInvalidError", 96)
    package static let pathClose = ErrorCode("PathCloseError", 97)
    package static let fileInfo = ErrorCode("FileInfoError", 98)
    package static let jsonFormat = ErrorCode("JsonFormatError", 99)
    package static let kernel = ErrorCode("KernelError", 100)
    package static let service = ErrorCode("ServiceError", 101)
    package static let execute = ErrorCode("ExecuteError", 102)
    package static let repoInvalid = ErrorCode("RepoInvalidError", 103)
    package static let command = ErrorCode("CommandError", 104)
    package static let access = ErrorCode("AccessError", 105)
    package static let clock = ErrorCode("ClockError", 106)
    package static let runtime = ErrorCode("RuntimeError", 122)
    package static let unhandled = ErrorCode("UnhandledError", 124)
    package static let unknown = ErrorCode("UnknownError", 125)

    /// Every code, by rising exit status.
    package static let all: [ErrorCode] = [
        assert, checksum, config, fileInvalid, format, commandRequired, optionInvalid, optionInvalidValue,
        optionRequired,
        pgRunning, protocolFailure, pathNotEmpty, fileOpen, fileRead, paramRequired, archiveMismatch, archiveDuplicate,
        versionNotSupported, pathCreate, commandInvalid, hostConnect, lockAcquire, backupMismatch, fileSync, pathOpen,
        pathSync, fileMissing, dbConnect, dbQuery, dbMismatch, fileRemove, pathRemove, stop, term, fileWrite,
        featureNotSupported, archiveCommandInvalid, linkExpected, linkDestination, hostInvalid, pathMissing, fileMove,
        backupSetInvalid, tablespaceMap, linkMap, fileClose, dbMissing, dbInvalid, archiveTimeout, fileMode,
        archiveDisabled, fileOwner, userMissing, fileExists, memory, crypto, paramInvalid, pathClose, fileInfo,
        jsonFormat,
        kernel, service, execute, repoInvalid, command, access, clock, runtime, unhandled, unknown,
    ]
}
