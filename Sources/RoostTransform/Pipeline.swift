package import RoostSystem

/// Passes a stream through stages, in order, to a sink.
///
/// An observer sees the bytes where they lie, so it costs no copy; each transform fills one buffer, which is handed on when
/// it is full. After `init` a stream allocates nothing: ``reset()`` makes all stages ready for the next one.
///
///     let digest = DigestObserver()
///     let pipeline = Pipeline([.observe(digest), .transform(compressor), .transform(cipher)], chunk: 256 << 10)
///     while let bytes = try read() { try pipeline.push(bytes, to: write) }
///     try pipeline.finish(to: write)
///     print(digest.result)
package final class Pipeline {
    /// Takes output: bytes that are valid during the call only.
    package typealias Sink = (RawSpan) throws(RoostError) -> Void

    /// A transform with the observers of its input and the buffer of its output.
    private final class Link {
        let observers: [any Observer]
        let transform: any Transform
        let output: Chunk
        var isFinished = false

        init(observers: [any Observer], transform: any Transform, output: Chunk) {
            self.observers = observers
            self.transform = transform
            self.output = output
        }
    }

    private let links: [Link]
    /// The observers of what the sink gets.
    private let last: [any Observer]

    /// - Parameters:
    ///   - stages: Any number, also none.
    ///   - chunk: The size of the pieces that will be pushed, which is that of the buffers; other sizes work too.
    package init(_ stages: [Stage], chunk: Int) {
        var links: [Link] = []
        var observers: [any Observer] = []
        for stage in stages {
            switch stage {
            case .observe(let observer): observers.append(observer)
            case .transform(let transform):
                let output = Chunk(capacity: transform.outputCapacity(forInput: chunk))
                links.append(Link(observers: observers, transform: transform, output: output))
                observers = []
            }
        }
        self.links = links
        self.last = observers
    }

    /// Takes the next bytes of the stream.
    ///
    /// Output comes when a buffer is full, without transforms at once.
    ///
    /// - Throws: What a stage or the sink throws. The stream is then lost; ``reset()`` begins another.
    package func push(_ input: RawSpan, to sink: Sink) throws(RoostError) {
        try pass(input, to: 0, atEnd: false, sink)
    }

    /// Ends the stream and hands over all that is left.
    ///
    /// - Parameter input: The last bytes. A codec that gets a whole file here, because it was short, works better on it.
    package func finish(_ input: RawSpan = RawSpan(), to sink: Sink) throws(RoostError) {
        try pass(input, to: 0, atEnd: true, sink)
    }

    /// Makes all stages and buffers ready for another stream.
    package func reset() throws(RoostError) {
        for link in links {
            for observer in link.observers { observer.reset() }
            try link.transform.reset()
            link.output.removeAll()
            link.isFinished = false
        }
        for observer in last { observer.reset() }
    }

    private func pass(_ input: RawSpan, to index: Int, atEnd: Bool, _ sink: Sink) throws(RoostError) {
        guard index < links.count else {
            try show(input, to: last, atEnd: atEnd)
            if !input.isEmpty { try sink(input) }
            return
        }
        let link = links[index]
        let output = link.output
        try show(input, to: link.observers, atEnd: atEnd)
        var consumed = 0
        while !link.isFinished {
            let progress = try link.transform.run(
                input.extracting(droppingFirst: consumed),
                into: output,
                atEnd: atEnd
            )
            consumed += progress.consumed
            switch progress.state {
            case .needsInput:
                precondition(consumed == input.byteCount && !atEnd, "a transform wants input while it has some")
                return
            case .needsOutput:
                precondition(output.count > 0, "a transform does not get on with an empty chunk")
                try pass(output.bytes, to: index + 1, atEnd: false, sink)
                output.removeAll()
            case .finished: link.isFinished = true
            }
        }
        guard consumed == input.byteCount else { throw .trailingData(input.byteCount - consumed) }
        guard atEnd else { return }
        try pass(output.bytes, to: index + 1, atEnd: true, sink)
        output.removeAll()
    }

    private func show(_ bytes: RawSpan, to observers: [any Observer], atEnd: Bool) throws(RoostError) {
        for observer in observers {
            if !bytes.isEmpty { try observer.observe(bytes) }
            if atEnd { try observer.finish() }
        }
    }
}
