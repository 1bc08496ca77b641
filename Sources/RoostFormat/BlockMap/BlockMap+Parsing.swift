package import RoostSystem

extension BlockMap {
    /// Parses a map as it is stored, decrypted (specification `block-incremental`, section 6).
    ///
    /// Memory is bounded by the input: each block that is listed has a checksum in it.
    ///
    /// - Parameters:
    ///   - bytes: The whole map and nothing else.
    ///   - blockSize: From the manifest, in bytes.
    ///   - checksumSize: From the manifest, in bytes.
    ///   - referenceCount: How many backups the manifest refers to; the map must not name others.
    /// - Throws: ``ErrorCode/format`` for anything that no writer writes.
    package init(
        parsing bytes: Span<UInt8>, blockSize: Int, checksumSize: Int, referenceCount: Int
    ) throws(RoostError) {
        try self.init(checkedBlockSize: blockSize, checksumSize: checksumSize)
        blocks.reserveCapacity(bytes.count / checksumSize)
        var reader = BlockMapReader(bytes)
        guard try reader.number() & 1 == 0 else {
            throw RoostError(.format, "a block map has a version that is not known")
        }
        var states: [Int: ReferenceState] = [:]
        var lastSize: UInt64 = 0
        var isLast = false
        var previous: Int?
        while !isLast {
            let header = try reader.number()
            isLast = header & 1 != 0
            guard header >> 3 < UInt64(referenceCount) else {
                throw RoostError(.format, "a block map refers to backup \(header >> 3) of \(referenceCount)")
            }
            let reference = Int(header >> 3)
            // Such a map could leave blocks out of the middle of a super block, which no packing of changed blocks does.
            guard reference != previous else { throw impossible("the same backup in two runs, one after the other") }
            previous = reference
            var run = try begin(reference, header, states[reference], &reader)
            try parseSuperBlocks(of: &run, &lastSize, &reader)
            states[reference] = run.state
        }
        guard reader.isAtEnd else { throw RoostError(.format, "bytes follow the end of a block map") }
    }

    /// What is known of one reference while a map is parsed.
    private struct ReferenceState {
        var bundle: UInt32?
        /// Of its uncompressed super blocks, until that changes.
        var size: UInt64
        /// In the bundle or file, behind the super block.
        var end: UInt64
        /// The newest super block, nil before the first.
        var superBlock: UInt32?
        /// The next block of it.
        var position: UInt64 = 0
    }

    /// A run of blocks of one reference.
    private struct Run {
        var reference: Int
        var state: ReferenceState
        /// It begins within the super block that the reference was in.
        var isContinued: Bool
        /// The continued super block is the last of the run.
        var endsWithContinued: Bool
    }

    private func begin(
        _ reference: Int, _ header: UInt64, _ known: ReferenceState?, _ reader: inout BlockMapReader
    ) throws(RoostError) -> Run {
        guard var state = known else {
            var state = ReferenceState(size: UInt64(blockSize), end: 0)
            if header & 2 != 0 { state.bundle = try reader.bundle() }
            if header & 4 != 0 { state.end = try reader.number() }
            return Run(reference: reference, state: state, isContinued: false, endsWithContinued: false)
        }
        if header & 2 != 0 {
            return Run(reference: reference, state: state, isContinued: true, endsWithContinued: header & 4 != 0)
        }
        if header & 4 != 0 { state.end = try sum(state.end, try reader.number()) }
        return Run(reference: reference, state: state, isContinued: false, endsWithContinued: false)
    }

    private mutating func parseSuperBlocks(
        of run: inout Run, _ lastSize: inout UInt64, _ reader: inout BlockMapReader
    ) throws(RoostError) {
        var isLast = false
        while !isLast {
            var hasTotal = true
            if run.isContinued {
                isLast = run.endsWithContinued
                run.isContinued = false
                if let current = run.state.superBlock { lastSize = superBlocks[Int(current)].storedSize }
            } else {
                let header = try reader.number()
                isLast = header & 1 != 0
                hasTotal = header & 4 != 0
                try beginSuperBlock(header, &run, &lastSize, &reader)
            }
            try parseBlocks(&run.state, hasTotal: hasTotal, &reader)
        }
    }

    private mutating func beginSuperBlock(
        _ header: UInt64, _ run: inout Run, _ lastSize: inout UInt64, _ reader: inout BlockMapReader
    ) throws(RoostError) {
        let stored = lastSize == 0 ? header >> 3 : lastSize &+ UInt64(bitPattern: zigzag(header >> 3))
        guard stored > 0, stored <= 1 << 48 else { throw impossible("a super block of \(stored) stored bytes") }
        if header & 2 != 0 {
            let value = try reader.number()
            let (whole, overflow) = (value >> 1).multipliedReportingOverflow(by: UInt64(blockSize))
            guard !overflow else { throw impossible("a super block of \(value >> 1) blocks") }
            run.state.size = try sum(whole, value & 1 == 0 ? 0 : try reader.number())
        }
        guard run.state.size > 0, run.state.size <= 1 << 48 else {
            throw impossible("a super block of \(run.state.size) bytes")
        }
        run.state.superBlock = UInt32(superBlocks.count)
        run.state.position = 0
        superBlocks.append(
            SuperBlock(
                reference: run.reference, bundle: run.state.bundle, offset: run.state.end, storedSize: stored,
                size: run.state.size))
        run.state.end = try sum(run.state.end, stored)
        guard run.state.end <= 1 << 50 else { throw impossible("a super block that ends at byte \(run.state.end)") }
        lastSize = stored
    }

    private mutating func parseBlocks(
        _ state: inout ReferenceState, hasTotal: Bool, _ reader: inout BlockMapReader
    ) throws(RoostError) {
        guard let superBlock = state.superBlock else { throw impossible("the rest of a super block before its start") }
        let available = Self.blockCount(superBlocks[Int(superBlock)].size, blockSize: blockSize)
        var count = available
        if hasTotal {
            let value = try reader.number()
            count = value >> 1 + 1
            if value & 1 != 0 { state.position = try sum(state.position, try reader.number()) }
        }
        let end = try sum(state.position, count)
        guard end <= available, end <= UInt64(UInt32.max) else {
            throw impossible("block \(end) in a super block of \(available)")
        }
        guard count <= UInt64(reader.remaining / checksumSize) else { throw reader.truncated() }
        for position in state.position..<end {
            let checksum = try reader.checksum(checksumSize)
            blocks.append(Block(superBlock: superBlock, position: UInt32(position), checksum: checksum))
        }
        state.position = end
    }

    private func sum(_ one: UInt64, _ two: UInt64) throws(RoostError) -> UInt64 {
        let (sum, overflow) = one.addingReportingOverflow(two)
        guard !overflow else { throw impossible("a number of more than 64 bits") }
        return sum
    }

    private func impossible(_ what: String) -> RoostError { RoostError(.format, "a block map names \(what)") }
}

/// The signed number behind an unsigned one.
private func zigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }

/// Reads numbers and checksums from a map, checking bounds.
private struct BlockMapReader: ~Escapable {
    private let bytes: Span<UInt8>
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }
    var isAtEnd: Bool { remaining == 0 }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    mutating func number() throws(RoostError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            let bits = UInt64(byte & 0x7F)
            guard shift < 64, (bits << shift) >> shift == bits else {
                throw RoostError(.format, "a number in a block map has more than 64 bits")
            }
            value |= bits << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw truncated()
    }

    mutating func bundle() throws(RoostError) -> UInt32 {
        let number = try number()
        guard let id = UInt32(exactly: number), id > 0 else {
            throw RoostError(.format, "a block map names bundle \(number)")
        }
        return id
    }

    mutating func checksum(_ size: Int) throws(RoostError) -> BlockChecksum {
        guard remaining >= size else { throw truncated() }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<min(size, 8) { high |= UInt64(bytes[position + index]) << UInt64(56 - index * 8) }
        if size > 8 {
            for index in 8..<size { low |= UInt64(bytes[position + index]) << UInt64(120 - index * 8) }
        }
        position += size
        return BlockChecksum(high: high, low: low, size: size)
    }

    func truncated() -> RoostError { RoostError(.format, "a block map ends before its last block") }
}
