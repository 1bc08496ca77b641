internal import Glibc

/// A POSIX extended regular expression, the dialect of the option `filter`.
package final class RegularExpression {
    /// `regex_t` must not move once `regcomp` has filled it.
    private let compiled: UnsafeMutablePointer<regex_t>

    /// - Throws: ``ErrorCode/format`` with the C library's words for a pattern that is none.
    package init(_ pattern: String) throws(RoostError) {
        let memory = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
        let status = regcomp(memory, pattern, REG_EXTENDED | REG_NOSUB)
        guard status == 0 else {
            var text = [CChar](repeating: 0, count: 256)
            regerror(status, memory, &text, text.count)
            memory.deallocate()
            let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw RoostError(.format, "'\(pattern)' is not a regular expression: \(words)")
        }
        compiled = memory
    }

    deinit {
        regfree(compiled)
        compiled.deallocate()
    }

    /// Whether any part of the text matches.
    package func matches(_ text: String) -> Bool { regexec(compiled, text, 0, nil, 0) == 0 }
}
