internal import Glibc
internal import RoostSystem

/// The functions of PostgreSQL's client library, which is loaded at first use: it drags in thirty more, and most commands
/// never connect.
///
/// A function is named as in libpq's documentation without its prefix. Pointers follow libpq's own rules; only
/// ``PostgresSession`` and ``QueryResult`` call them. The library stays loaded until the process ends.
@safe struct LibPQ: Sendable {
    typealias Connection = OpaquePointer
    typealias Result = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias TextList = UnsafePointer<Text?>

    // A C function type cannot be generic, so each shape has its name.
    typealias IntOf = @Sendable @convention(c) (OpaquePointer?) -> CInt
    typealias TextOf = @Sendable @convention(c) (OpaquePointer?) -> Text?
    typealias ObjectOf = @Sendable @convention(c) (OpaquePointer?) -> OpaquePointer?
    typealias EndOf = @Sendable @convention(c) (OpaquePointer?) -> Void
    typealias ColumnTypeOf = @Sendable @convention(c) (Result?, CInt) -> UInt32
    typealias FieldIntOf = @Sendable @convention(c) (Result?, CInt, CInt) -> CInt
    typealias FieldTextOf = @Sendable @convention(c) (Result?, CInt, CInt) -> Text?
    typealias Connect = @Sendable @convention(c) (TextList?, TextList?, CInt) -> Connection?
    typealias SendQuery = @Sendable @convention(c) (Connection?, Text?) -> CInt
    typealias NoticeProcessor = @Sendable @convention(c) (UnsafeMutableRawPointer?, Text?) -> Void
    typealias SetNoticeProcessor =
        @Sendable @convention(c) (Connection?, NoticeProcessor?, UnsafeMutableRawPointer?) -> NoticeProcessor?
    typealias Cancel = @Sendable @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, CInt) -> CInt

    let connectStartParams: Connect
    let connectPoll: IntOf
    let status: IntOf
    let socket: IntOf
    let errorMessage: TextOf
    let finish: EndOf
    let setNoticeProcessor: SetNoticeProcessor
    let sendQuery: SendQuery
    let consumeInput: IntOf
    let isBusy: IntOf
    let getResult: ObjectOf
    let getCancel: ObjectOf
    let cancel: Cancel
    let freeCancel: EndOf
    let resultStatus: IntOf
    let resultErrorMessage: TextOf
    let clear: EndOf
    let rowCount: IntOf
    let columnCount: IntOf
    let columnType: ColumnTypeOf
    let isNull: FieldIntOf
    let value: FieldTextOf
    let length: FieldIntOf

    /// The one loaded library, or why it could not be loaded.
    private static let loaded = Swift.Result { () throws(RoostError) in try LibPQ(loading: "libpq.so.5") }

    /// - Throws: ``ErrorCode/dbConnect`` if the library is not installed.
    static func shared() throws(RoostError) -> LibPQ { try loaded.get() }

    init(loading name: String) throws(RoostError) {
        guard let library = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "unknown reason"
            throw RoostError(
                .dbConnect,
                "unable to load the PostgreSQL client library '\(name)': \(reason)",
                hints: ["is the package libpq5 (Debian, Ubuntu) or libpq (Red Hat, SUSE) installed?"]
            )
        }
        // Each function has the C signature that libpq-fe.h has declared for it, unchanged, since version 9.0.
        func find<Function>(_ symbol: String, as type: Function.Type = Function.self) throws(RoostError) -> Function {
            guard let address = unsafe dlsym(library, symbol) else {
                throw RoostError(
                    .dbConnect,
                    "'\(name)' has no function \(symbol)",
                    hints: ["is it PostgreSQL's libpq?"]
                )
            }
            return unsafe unsafeBitCast(address, to: type)
        }
        unsafe connectStartParams = try find("PQconnectStartParams")
        unsafe connectPoll = try find("PQconnectPoll")
        unsafe status = try find("PQstatus")
        unsafe socket = try find("PQsocket")
        unsafe errorMessage = try find("PQerrorMessage")
        unsafe finish = try find("PQfinish")
        unsafe setNoticeProcessor = try find("PQsetNoticeProcessor")
        unsafe sendQuery = try find("PQsendQuery")
        unsafe consumeInput = try find("PQconsumeInput")
        unsafe isBusy = try find("PQisBusy")
        unsafe getResult = try find("PQgetResult")
        unsafe getCancel = try find("PQgetCancel")
        unsafe cancel = try find("PQcancel")
        unsafe freeCancel = try find("PQfreeCancel")
        unsafe resultStatus = try find("PQresultStatus")
        unsafe resultErrorMessage = try find("PQresultErrorMessage")
        unsafe clear = try find("PQclear")
        unsafe rowCount = try find("PQntuples")
        unsafe columnCount = try find("PQnfields")
        unsafe columnType = try find("PQftype")
        unsafe isNull = try find("PQgetisnull")
        unsafe value = try find("PQgetvalue")
        unsafe length = try find("PQgetlength")
    }
}

extension LibPQ {
    /// `ConnStatusType`.
    static let connectionOK: CInt = 0
    static let connectionBad: CInt = 1
    /// `PostgresPollingStatusType`.
    static let pollingFailed: CInt = 0
    static let pollingReading: CInt = 1
    static let pollingWriting: CInt = 2
    static let pollingOK: CInt = 3
    /// `ExecStatusType`.
    static let commandOK: CInt = 1
    static let tuplesOK: CInt = 2

    /// A message of the library without the line end it comes with.
    static func trimmed(_ text: Text?) -> String {
        guard let text = unsafe text else { return "" }
        let whole = unsafe String(cString: text)
        let end = whole.lastIndex { !$0.isWhitespace }.map { whole.index(after: $0) } ?? whole.startIndex
        return String(whole[..<end])
    }
}
