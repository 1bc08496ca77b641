import RoostStorage
import RoostSystem
import Testing

/// The double that other tests rely on.
struct FaultyStorageTests {
    private let storage = FaultyStorage(MemoryStorage())

    @Test func `the chosen call of a kind fails, those around it do not`() throws {
        storage.at(2, of: [.finish], .fail(RoostError(.fileWrite, "no")))
        try storage.write("1", [1])
        #expect(failure { try storage.write("2", [2]) }?.code == .fileWrite)
        try storage.write("3", [3])
        #expect(try storage.list("").map(\.name) == ["1", "3"])
        #expect(storage.hasFired)
    }

    @Test func `a lasting fault goes on, on the chosen paths`() throws {
        storage.at(1, of: [.create], isLasting: true, on: "bad", .fail(RoostError(.fileWrite, "no")))
        for name in ["bad1", "good", "bad2"] { _ = failure { try storage.write(name, [1]) } }
        #expect(try storage.list("").map(\.name) == ["good"])
    }

    @Test func `a truncated write stores half and reports nothing`() throws {
        storage.at(1, of: [.write], .truncate)
        try storage.write("object", [1, 2, 3, 4])
        #expect(try storage.read("object") == [1, 2])
    }

    @Test func `a call runs before the operation, and every call is written down`() throws {
        let base = MemoryStorage()
        let storage = FaultyStorage(base)
        storage.at(1, of: [.list], .call { try? base.write("late", [1]) })
        #expect(try storage.list("").map(\.name) == ["late"])
        #expect(try storage.exists("late"))
        #expect(storage.calls == [.init(operation: .list, path: ""), .init(operation: .entry, path: "late")])
        #expect(storage.changes.isEmpty)
    }
}
