import RoostPostgres
import RoostSystem
import Testing

@Suite struct ConnectionStringTests {
    @Test(
        arguments: [
            ("postgres:///", "postgres:///", "postgres:///", nil),
            ("postgres:///?host=/x&port=5433", "postgres:///?host=/x&port=5433", "postgres:///?host=/x&port=5433", nil),
            ("postgres://ann@db:5433/x", "postgres://ann@db:5433/x", "postgres://ann@db:5433/x", nil),
            (
                "postgresql://ann:s3cret@db/x?a=b", "postgresql://ann@db/x?a=b", "postgresql://ann:***@db/x?a=b",
                "s3cret"
            ),
            ("postgres://ann:p%40s%2Fs%3A@db", "postgres://ann@db", "postgres://ann:***@db", "p@s/s:"),
            ("postgres://ann:a?b@db?c=d", "postgres://ann@db?c=d", "postgres://ann:***@db?c=d", "a?b"),
            ("postgres://:s@db", "postgres://db", "postgres://:***@db", "s"),
            ("postgres://db/x?password=a%20b", "postgres://db/x", "postgres://db/x?password=***", "a b"),
            (
                "postgres://u:one@db/x?sslmode=require&password=two", "postgres://u@db/x?sslmode=require",
                "postgres://u:***@db/x?sslmode=require&password=***", "two"
            ),
            ("postgres://a@h1:1,h2:2/db", "postgres://a@h1:1,h2:2/db", "postgres://a@h1:1,h2:2/db", nil),
            ("postgres:///db@home", "postgres:///db@home", "postgres:///db@home", nil),
            ("", "", "", nil), ("name", "name", "name", nil),
            ("host=/x port=5433", "host=/x port=5433", "host=/x port=5433", nil),
            ("host=a password=s3cret user=b", "host=a user=b", "host=a password=*** user=b", "s3cret"),
            (
                "host = a  password = 'it\\'s two' user='b c'", "host = a user='b c'",
                "host = a password=*** user='b c'", "it's two"
            ),
            ("password=a\\ b", "", "password=***", "a b"), ("password='' host=a", "host=a", "password=*** host=a", ""),
        ] as [(String, String, String, String?)])
    func `the password is taken out and nothing else is changed`(
        whole: String, text: String, shown: String, password: String?
    ) throws {
        let string = try ConnectionString(whole)
        #expect(string.text == text)
        #expect(string.shown == shown)
        #expect(string.password == password)
    }

    @Test(arguments: [
        "postgres://u:s3cret%4@db", "postgres://u:s3cret%zz@db", "postgres://u:s3cret%00@db", "password='s3cret",
        "password=my s3cret host=a", "password=a sslpassword=s3cret", "postgres://db/x?sslpassword=s3cret",
        "postgres://u:s3cret%+1@db",
        // Passwords that are not encoded: libpq would take their ends for a host or a database.
        "postgres://u:p@s3cret@db", "postgres://u:p/s3cret@db", "postgres://u:p?s3cret@db@x",
    ])
    func `what is wrong is told without the secret`(whole: String) {
        let error = #expect(throws: RoostError.self) { _ = try ConnectionString(whole) }
        #expect(error?.code == .optionInvalidValue)
        #expect(error?.description.contains("s3cret") == false)
    }
}
