package import RoostSystem

/// The files of a manifest, by rising name: packed records of 96 bytes and an arena of names, so that a million files fit
/// into about 130 MB and no file costs an allocation.
package struct ManifestFiles: Sendable {
    /// Everything of fixed size that a manifest tells of a file.
    private struct Record: Sendable {
        var size: UInt64
        var repoSize: UInt64
        var timestamp: Int64
        var bundleOffset: UInt64 = 0
        var checksum = SHA1.zero
        var nameOffset: UInt32
        var repoChecksum = SHA1.zero
        var bundleID: UInt32 = 0
        var blockMapSize: UInt32 = 0
        var nameLength: UInt16
        var reference: UInt16 = .max
        var mode: UInt16
        /// In units of 8 KiB.
        var blockSize: UInt16 = 0
        var user: UInt8
        var group: UInt8
        var blockChecksumSize: UInt8 = 0
        var pageCheck: UInt8 = 0
    }

    private var records = SegmentedArray<Record>()
    private var isSorted = true
    private var names = NameArena()
    /// Where the size changed while copying, which is rare.
    private var originalSizes: [UInt32: UInt64] = [:]
    private var pageErrorLists: [UInt32: [PageRange]] = [:]

    package init() {}

    package var count: Int { records.count }

    package subscript(index: Int) -> ManifestFile {
        get { unpack(records[index], key: records[index].nameOffset) }
        set {
            records[index] = pack(newValue, nameOffset: records[index].nameOffset, length: records[index].nameLength)
        }
    }

    /// `pg_data/base/1/112`.
    package func name(at index: Int) -> String {
        read(index) { string($0) }
    }

    /// Appends the bytes of a name to a buffer.
    package func appendName(at index: Int, to bytes: inout [UInt8]) {
        read(index) { bytes.append($0) }
    }

    /// The pages found wrong, by rising number; empty for a misaligned file too.
    package func pageErrors(at index: Int) -> [PageRange] {
        pageErrorLists.isEmpty ? [] : pageErrorLists[records[index].nameOffset] ?? []
    }

    package mutating func setPageErrors(_ runs: [PageRange], at index: Int) {
        pageErrorLists[records[index].nameOffset] = runs.isEmpty ? nil : runs
    }

    package var hasPageErrors: Bool {
        !pageErrorLists.isEmpty
            || (0..<count).contains { records[$0].pageCheck == ManifestFile.PageCheck.invalid.rawValue }
    }

    /// Adds a file at its place; at the end, where files usually come, in constant time.
    ///
    /// - Throws: ``ErrorCode/format`` for a name that is there already or does not fit.
    package mutating func add(_ name: Span<UInt8>, _ file: ManifestFile) throws(RoostError) {
        let index = position(of: name)
        if index < count, equals(index, name) { throw listedTwice(string(name)) }
        let record = try store(name, file)
        if index == count { records.append(record) } else { records.insert(record, at: index) }
    }

    /// Adds a file at the end wherever it belongs; ``finishAppending()`` must follow before anything is looked up.
    mutating func append(_ name: Span<UInt8>, _ file: ManifestFile) throws(RoostError) -> Int {
        if isSorted, count > 0, !precedes(count - 1, name) { isSorted = false }
        records.append(try store(name, file))
        return count - 1
    }

    /// Sorts what was appended, in O(n log n) if it was out of order.
    ///
    /// - Throws: ``ErrorCode/format`` if a name is there twice.
    mutating func finishAppending() throws(RoostError) {
        guard !isSorted else { return }
        var order = (0..<UInt32(count)).map { $0 }
        order.sort { left, right in read(Int(left)) { precedesInverse(Int(right), $0) } }
        records.reorder(order)
        for index in 1..<count where !read(index, { precedes(index - 1, $0) }) { throw listedTwice(name(at: index)) }
        isSorted = true
    }

    private func precedesInverse(_ index: Int, _ name: Span<UInt8>) -> Bool { read(index) { name.precedes($0) } }

    private mutating func store(_ name: Span<UInt8>, _ file: ManifestFile) throws(RoostError) -> Record {
        guard name.count > 0, name.count <= Int(UInt16.max) else {
            throw RoostError(.format, "a file name is empty or longer than 65535 bytes")
        }
        guard let offset = names.store(name) else { throw RoostError(.format, "more than 4GB of file names") }
        return pack(file, nameOffset: offset, length: UInt16(name.count))
    }

    private func listedTwice(_ name: String) -> RoostError { RoostError(.format, "file '\(name)' is listed twice") }

    /// Stand in a parsed file for a value that its line leaves out.
    static let noOwner: UInt8 = .max
    static let noMode: UInt16 = .max

    /// Gives files the values that their lines left out.
    mutating func fillDefaults(mode: UInt16, user: UInt8, group: UInt8) {
        records.updateEach { record in
            if record.mode == Self.noMode { record.mode = mode }
            if record.user == Self.noOwner { record.user = user }
            if record.group == Self.noOwner { record.group = group }
        }
    }

    /// Changes every file's position in the list of references.
    mutating func changeReferences(_ position: (Int) -> Int) {
        records.updateEach { record in
            if record.reference != .max { record.reference = UInt16(position(Int(record.reference))) }
        }
    }

    /// The position of a name, nil if there is no such file, in O(log n).
    package func index(of name: Span<UInt8>) -> Int? {
        let index = position(of: name)
        return index < count && equals(index, name) ? index : nil
    }

    /// The position of a name, nil if there is no such file, in O(log n).
    package func index(of name: String) -> Int? { index(of: Array(name.utf8).span) }

    /// Removes the files for which a condition holds, given by position, in O(n).
    package mutating func removeAll(where condition: (Int) -> Bool) {
        var kept = 0
        for index in 0..<count {
            if condition(index) {
                originalSizes[records[index].nameOffset] = nil
                pageErrorLists[records[index].nameOffset] = nil
                continue
            }
            if kept != index { records[kept] = records[index] }
            kept += 1
        }
        records.removeLast(count - kept)
    }

    /// The first position whose name is not before another.
    private func position(of name: Span<UInt8>) -> Int {
        if count == 0 || precedes(count - 1, name) { return count }
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if precedes(middle, name) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func precedes(_ index: Int, _ name: Span<UInt8>) -> Bool { read(index) { $0.precedes(name) } }

    private func equals(_ index: Int, _ name: Span<UInt8>) -> Bool { read(index) { $0.elementsEqual(name) } }

    private func read<T>(_ index: Int, _ body: (Span<UInt8>) -> T) -> T {
        let record = records[index]
        return names.read(record.nameOffset, record.nameLength, body)
    }

    private mutating func pack(_ file: ManifestFile, nameOffset: UInt32, length: UInt16) -> Record {
        if file.originalSize != file.size {
            originalSizes[nameOffset] = file.originalSize
        } else if !originalSizes.isEmpty {
            originalSizes[nameOffset] = nil
        }
        return Record(
            size: file.size, repoSize: file.repoSize, timestamp: file.timestamp,
            bundleOffset: file.bundle?.offset ?? 0, checksum: file.checksum ?? .zero, nameOffset: nameOffset,
            repoChecksum: file.repoChecksum ?? .zero, bundleID: file.bundle?.id ?? 0,
            blockMapSize: file.block?.mapSize ?? 0, nameLength: length,
            reference: file.reference.map { UInt16($0) } ?? .max, mode: file.mode,
            blockSize: UInt16((file.block?.blockSize ?? 0) / 8192), user: file.user, group: file.group,
            blockChecksumSize: UInt8(file.block?.checksumSize ?? 0), pageCheck: file.pageCheck.rawValue)
    }

    private func unpack(_ record: Record, key: UInt32) -> ManifestFile {
        var file = ManifestFile(
            size: record.size, timestamp: record.timestamp, mode: record.mode, user: record.user, group: record.group)
        if !originalSizes.isEmpty { file.originalSize = originalSizes[key] ?? record.size }
        file.repoSize = record.repoSize
        file.checksum = record.checksum == .zero ? nil : record.checksum
        file.repoChecksum = record.repoChecksum == .zero ? nil : record.repoChecksum
        file.reference = record.reference == .max ? nil : Int(record.reference)
        file.bundle = record.bundleID == 0 ? nil : .init(id: record.bundleID, offset: record.bundleOffset)
        if record.blockSize > 0 {
            file.block = .init(
                blockSize: Int(record.blockSize) * 8192, checksumSize: Int(record.blockChecksumSize),
                mapSize: record.blockMapSize)
        }
        file.pageCheck = ManifestFile.PageCheck(rawValue: record.pageCheck) ?? .none
        return file
    }
}
