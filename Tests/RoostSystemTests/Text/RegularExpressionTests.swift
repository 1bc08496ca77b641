import RoostSystem
import Testing

struct RegularExpressionTests {
    @Test(
        arguments: [
            ("^a", "abc", true), ("^a", "bac", false), ("(x|y)+z$", "axyz", true), ("[0-9]{3}", "ab12", false),
            ("", "anything", true), (".", "", false),
        ] as [(String, String, Bool)])
    func `extended expressions match any part of a text`(pattern: String, text: String, matches: Bool) throws {
        #expect(try RegularExpression(pattern).matches(text) == matches)
    }

    @Test func `what is no expression is an error that says why`() {
        do {
            _ = try RegularExpression("(")
            Issue.record("a lone parenthesis is no expression")
        } catch {
            #expect(error.code == .format)
            #expect(error.message == "'(' is not a regular expression: Unmatched ( or \\(")
        }
    }
}
