import RoostSystem
import Testing

@testable import RoostPostgres

struct LibPQTests {
    @Test func `a client library that is missing is told with its package`() {
        let error = failure { _ = try LibPQ(loading: "libpq-missing.so.5") }
        #expect(error?.code == .dbConnect)
        #expect(
            error?.message.hasPrefix("unable to load the PostgreSQL client library 'libpq-missing.so.5': ") == true)
        #expect(error?.message.contains("No such file or directory") == true)
        #expect(error?.hints == ["is the package libpq5 (Debian, Ubuntu) or libpq (Red Hat, SUSE) installed?"])
    }

    @Test func `a library that is another one is refused`() {
        let error = failure { _ = try LibPQ(loading: "libc.so.6") }
        #expect(error?.code == .dbConnect)
        #expect(error?.message == "'libc.so.6' has no function PQconnectStartParams")
    }
}
