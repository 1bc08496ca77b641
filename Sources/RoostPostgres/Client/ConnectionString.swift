package import RoostSystem

/// How to reach a server, in one of libpq's two notations, with the password taken out: so it can be shown, and be an argument
/// of another program.
///
///     postgres://user:password@host:5433/database?sslmode=require
///     host=/run/postgresql user=backup password='two words'
///
/// The password goes to other programs as `PGPASSWORD`, which comes, as the one in the text did, before `.pgpass`.
package struct ConnectionString: Sendable, Equatable {
    /// Without a password; means the same otherwise.
    package let text: String
    /// For messages: with `***` where a password was.
    package let shown: String
    /// Nil if the text has none: the environment, a service or `.pgpass` may know one.
    package let password: String?

    /// - Throws: ``ErrorCode/optionInvalidValue`` for a text that libpq would not understand or that holds a secret for which
    ///   there is no other way; what it says holds nothing of a password.
    package init(_ whole: String) throws(RoostError) {
        if let scheme = ["postgresql://", "postgres://"].first(where: whole.hasPrefix) {
            (text, shown, password) = try Self.parse(uri: whole, scheme: scheme)
        } else if whole.contains("=") {
            (text, shown, password) = try Self.parse(keywords: whole)
        } else {
            (text, shown, password) = (whole, whole, nil)
        }
    }

    static func failure(_ problem: String) -> RoostError {
        RoostError(.optionInvalidValue, "connection string is not valid: \(problem)")
    }

    /// Secrets that libpq takes from a connection string or a service file only.
    static func checkKeyword(_ name: String) throws(RoostError) {
        guard !["sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"].contains(name) else {
            throw RoostError(
                .optionInvalidValue, "'\(name)' in a connection string would show in the list of processes",
                hints: ["put it into a service file (PGSERVICEFILE) and name the service: 'service=NAME'"])
        }
    }
}

// MARK: postgres://

extension ConnectionString {
    private typealias Parts = (text: String, shown: String, password: String?)

    /// As libpq: credentials end at the first `@` unless a `/` comes before it.
    private static func parse(uri: String, scheme: String) throws(RoostError) -> Parts {
        var rest = uri.dropFirst(scheme.count)
        var (text, shown) = (scheme, scheme)
        var password: String?
        if let end = rest.firstIndex(where: { $0 == "@" || $0 == "/" }), rest[end] == "@" {
            let credentials = rest[..<end]
            rest = rest[rest.index(after: end)...]
            let user = credentials.prefix { $0 != ":" }
            if user.endIndex < credentials.endIndex {
                password = try decoded(credentials[credentials.index(after: user.endIndex)...])
            }
            // Nothing before the "@" is the same as no "@".
            if !user.isEmpty || password != nil {
                text += user.isEmpty ? "" : "\(user)@"
                shown += "\(user)\(password == nil ? "" : ":***")@"
            }
        }
        let place = rest.prefix { $0 != "?" }
        // What libpq would take for a host, or for a user, is more likely the end of a password, which must not be shown.
        // With no host at all there was none.
        guard place.hasPrefix("/") || !place.contains("@"), !text.contains("?") else {
            throw failure(
                "there is more than one '@', or a '?' before it: in a user or password they are written %40 and %3F")
        }
        (text, shown) = ("\(text)\(place)", "\(shown)\(place)")
        guard place.endIndex < rest.endIndex else { return (text, shown, password) }
        var (kept, seen): ([Substring], [Substring]) = ([], [])
        for parameter in rest[rest.index(after: place.endIndex)...].split(separator: "&") {
            let name = try decoded(parameter.prefix { $0 != "=" })
            try checkKeyword(name)
            guard name == "password" else {
                kept.append(parameter)
                seen.append(parameter)
                continue
            }
            password = try decoded(parameter.drop { $0 != "=" }.dropFirst())
            seen.append("password=***")
        }
        if !kept.isEmpty { text += "?" + kept.joined(separator: "&") }
        return (text, shown + "?" + seen.joined(separator: "&"), password)
    }

    /// Resolves `%20` and its kin.
    private static func decoded(_ text: Substring) throws(RoostError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value != 0, !digits.hasPrefix("+")
            else { throw failure("a '%' is not followed by two hexadecimal digits") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: keyword = value

extension ConnectionString {
    private static func parse(keywords whole: String) throws(RoostError) -> Parts {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        var (text, shown): ([String], [String]) = ([], [])
        var password: String?
        var rest = whole.drop(while: isSpace)
        while !rest.isEmpty {
            let begin = rest.startIndex
            let name = rest.prefix { $0 != "=" && !isSpace($0) }
            rest = rest.dropFirst(name.count).drop(while: isSpace)
            guard rest.first == "=" else { throw failure("a keyword is not followed by '='") }
            rest = rest.dropFirst().drop(while: isSpace)
            let value = try takeValue(&rest, isSpace)
            try checkKeyword(String(name))
            if name == "password" {
                password = value
                shown.append("password=***")
            } else {
                let setting = String(whole[begin..<rest.startIndex])
                text.append(setting)
                shown.append(setting)
            }
            rest = rest.drop(while: isSpace)
        }
        return (text.joined(separator: " "), shown.joined(separator: " "), password)
    }

    /// Takes a value: up to a space, or in single quotes; a backslash takes the next character as it is.
    private static func takeValue(
        _ rest: inout Substring, _ isSpace: (Character) -> Bool
    ) throws(RoostError) -> String {
        var value = ""
        let isQuoted = rest.first == "'"
        if isQuoted { rest = rest.dropFirst() }
        while let character = rest.first {
            if !isQuoted, isSpace(character) { return value }
            rest = rest.dropFirst()
            if isQuoted, character == "'" { return value }
            guard character == "\\" else {
                value.append(character)
                continue
            }
            if let next = rest.popFirst() { value.append(next) }
        }
        guard !isQuoted else { throw failure("a quote is not closed") }
        return value
    }
}
