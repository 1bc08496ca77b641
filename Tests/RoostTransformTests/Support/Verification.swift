import RoostSystem
import RoostTransform
import Testing

/// How a test divides a stream: sizes of input pieces, used in turn, and the capacity of the output.
struct Division: Sendable, CustomTestStringConvertible {
    var pieces: [Int]
    var output: Int

    static let whole = Division(pieces: [.max], output: 256 << 10)
    static let odd = [
        Division(pieces: [.max], output: 31),
        Division(pieces: [4096], output: 4096),
        Division(pieces: [7, 1, 100_003, 3, 0, 64], output: 1013),
        Division(pieces: [256 << 10], output: 700 << 10),
    ]
    /// Slow: for short streams.
    static let bytewise = [
        Division(pieces: [1], output: 1), Division(pieces: [1], output: 64 << 10), Division(pieces: [.max], output: 1),
    ]

    var testDescription: String { "pieces \(pieces), output \(output)" }
}

/// Runs one stream through a transform, by its contract.
func transform(
    _ input: [UInt8],
    with transform: any Transform,
    divided division: Division = .whole
) throws -> [UInt8] {
    let output = Chunk(capacity: division.output)
    var result: [UInt8] = []
    var position = 0
    var turn = 0
    while true {
        let size = min(division.pieces[turn % division.pieces.count], input.count - position)
        turn += 1
        let end = position + size
        let atEnd = end == input.count
        while true {
            let progress = try transform.run(
                input.span.bytes.extracting(position..<end),
                into: output,
                atEnd: atEnd
            )
            position += progress.consumed
            if progress.state == .needsInput {
                #expect(position == end && !atEnd)
                break
            }
            #expect(progress.state == .finished || output.count > 0)
            result += output.bytes.array()
            output.removeAll()
            if progress.state == .finished {
                guard position == input.count else { throw RoostError.trailingData(input.count - position) }
                return result
            }
        }
    }
}

/// Runs one stream through a pipeline.
func run(_ input: [UInt8], through pipeline: Pipeline, pieces: Int = 256 << 10) throws -> [UInt8] {
    var result: [UInt8] = []
    var position = 0
    while input.count - position > pieces {
        try pipeline.push(input.span.bytes.extracting(position..<position + pieces)) { bytes throws(RoostError) in
            result += bytes.array()
        }
        position += pieces
    }
    try pipeline.finish(input.span.bytes.extracting(droppingFirst: position)) { bytes throws(RoostError) in
        result += bytes.array()
    }
    return result
}

/// The content must be the same for any division of the input and any size of the output, on a reused object.
func verifyChunking(
    _ input: [UInt8],
    with subject: any Transform,
    gives expected: [UInt8],
    reading: ([UInt8]) throws -> [UInt8] = { $0 },
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    for division in Division.odd + (input.count + expected.count < 20_000 ? Division.bytewise : []) {
        try subject.reset()
        let output = try transform(input, with: subject, divided: division)
        #expect(try reading(output) == expected, "\(division.testDescription)", sourceLocation: sourceLocation)
    }
}

/// What one transform writes, the other must read, both for any division of their input.
func verifyRoundTrip(
    _ input: [UInt8],
    writer: any Transform,
    reader: any Transform,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    try writer.reset()
    let stored = try transform(input, with: writer)
    try verifyChunking(stored, with: reader, gives: input, sourceLocation: sourceLocation)
    try verifyChunking(
        input,
        with: writer,
        gives: input,
        reading: {
            try reader.reset()
            return try transform($0, with: reader)
        },
        sourceLocation: sourceLocation
    )
}
