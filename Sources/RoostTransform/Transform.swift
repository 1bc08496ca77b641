package import RoostSystem

/// Changes bytes: compression, encryption and their opposites.
///
/// An object serves one stream at a time. It is ready for its first stream when made, and for each later one after
/// ``reset()``, whether the stream before ended well or not. All memory is taken by `init`, or once by the first stream.
package protocol Transform: AnyObject {
    /// Consumes a prefix of `input`, appends to `output`, and says why it stopped.
    ///
    /// The rest of the input is passed again by the next call. Any division of the input gives the same content.
    ///
    /// - Parameters:
    ///   - input: May be empty.
    ///   - output: Of any capacity. A transform may ask for room although there is some left, but never of an empty chunk:
    ///     there it always gets on.
    ///   - atEnd: Nothing follows `input`. Calls go on, with what is left of it, until ``Progress/State/finished``.
    func run(_ input: RawSpan, into output: Chunk, atEnd: Bool) throws(RoostError) -> Progress

    /// Makes the object ready for another stream.
    func reset() throws(RoostError)

    /// The capacity of an output that lets `run` go through `input` bytes at a time without a copy of its own.
    func outputCapacity(forInput input: Int) -> Int
}

extension Transform {
    package func outputCapacity(forInput input: Int) -> Int { input }
}

/// How far one call of ``Transform/run(_:into:atEnd:)`` came.
package struct Progress: Sendable, Equatable {
    package enum State: Sendable {
        /// All input is consumed and more is to come.
        case needsInput
        /// The output has to be emptied first.
        case needsOutput
        /// The stream is complete. A decoder can say so before the input ends; what is left is not part of its stream.
        case finished
    }

    /// Bytes of the input that must not be passed again.
    package var consumed: Int
    package var state: State

    package init(consumed: Int, state: State) {
        self.consumed = consumed
        self.state = state
    }
}

/// Learns from bytes that pass and changes nothing: digests, sizes, page checks.
package protocol Observer: AnyObject {
    /// Takes the next bytes of the stream, at least one.
    func observe(_ bytes: RawSpan) throws(RoostError)

    /// The stream is complete: results can be read until ``reset()``.
    func finish() throws(RoostError)

    /// Forgets the stream.
    func reset()
}

/// One step of a ``Pipeline``.
package enum Stage {
    case transform(any Transform)
    case observe(any Observer)
}
