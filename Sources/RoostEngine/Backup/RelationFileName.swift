/// The name of a relation's file in a database directory: `16385`, `16385_fsm`, `16385.1`, `16385_init`, `t3_16386.2`.
struct RelationFileName: Equatable {
    enum Fork: String { case main = "", freeSpaceMap = "fsm", visibilityMap = "vm", initialization = "init" }

    /// Digits.
    let filenode: Substring
    let fork: Fork
    /// Of a session; such relations are gone after a crash.
    let isTemporary: Bool
    /// Files of one gigabyte each follow one another.
    let segment: UInt32

    /// - Returns: Nil for any other file.
    init?(_ name: Substring) {
        var rest = name
        isTemporary = rest.hasPrefix("t")
        if isTemporary {
            rest = rest.dropFirst()
            let session = rest.prefix(while: Self.isDigit)
            rest = rest.dropFirst(session.count)
            guard !session.isEmpty, rest.hasPrefix("_") else { return nil }
            rest = rest.dropFirst()
        }
        filenode = rest.prefix(while: Self.isDigit)
        guard !filenode.isEmpty else { return nil }
        rest = rest.dropFirst(filenode.count)
        if rest.hasPrefix("_") {
            let word = rest.dropFirst().prefix { $0 != "." }
            guard let fork = Fork(rawValue: String(word)), fork != .main else { return nil }
            self.fork = fork
            rest = rest.dropFirst(word.count + 1)
        } else {
            fork = .main
        }
        guard !rest.isEmpty else {
            segment = 0
            return
        }
        guard rest.hasPrefix("."), let number = UInt32(rest.dropFirst()), rest.dropFirst().allSatisfy(Self.isDigit)
        else {
            return nil
        }
        segment = number
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}

/// The number after the last dot of a file name, 0 if there is none: which gigabyte of a relation a file holds.
func segmentNumber(ofFile name: String) -> UInt32 {
    guard let dot = name.lastIndex(of: ".") else { return 0 }
    return UInt32(name[name.index(after: dot)...]) ?? 0
}
