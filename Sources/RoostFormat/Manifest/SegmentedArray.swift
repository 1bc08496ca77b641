/// An array that grows without ever copying what it holds: at a million entries doubling would cost as much as the data.
struct SegmentedArray<Element: Sendable>: Sendable {
    private static var segmentSize: Int { 1 << 14 }
    private var segments: [ContiguousArray<Element>] = []
    private(set) var count = 0

    subscript(index: Int) -> Element {
        get { segments[index >> 14][index & (Self.segmentSize - 1)] }
        set { segments[index >> 14][index & (Self.segmentSize - 1)] = newValue }
    }

    mutating func append(_ element: Element) {
        if count & (Self.segmentSize - 1) == 0 {
            var segment = ContiguousArray<Element>()
            segment.reserveCapacity(Self.segmentSize)
            segments.append(segment)
        }
        segments[segments.count - 1].append(element)
        count += 1
    }

    /// O(n); for the few entries that are known only after all others.
    mutating func insert(_ element: Element, at index: Int) {
        append(element)
        var position = count - 1
        while position > index {
            self[position] = self[position - 1]
            position -= 1
        }
        self[index] = element
    }

    mutating func removeLast(_ number: Int) {
        precondition(number <= count, "cannot remove more than there is")
        count -= number
        let full = (count + Self.segmentSize - 1) / Self.segmentSize
        segments.removeLast(segments.count - full)
        if full > 0 {
            segments[full - 1].removeLast(segments[full - 1].count - (count - (full - 1) * Self.segmentSize))
        }
    }

    /// Changes every element in its place.
    mutating func updateEach(_ body: (inout Element) -> Void) {
        for segment in segments.indices {
            for index in segments[segment].indices { body(&segments[segment][index]) }
        }
    }

    /// Moves the elements so that the one at `order[n]` comes to be at `n`; `order` names each position once.
    mutating func reorder(_ order: [UInt32]) {
        precondition(order.count == count, "an order names each position once")
        var order = order
        for start in 0..<count where order[start] != start {
            // One cycle of the permutation: each place gets its element from the next one, the last from the first.
            let first = self[start]
            var place = start
            while order[place] != start {
                let next = Int(order[place])
                self[place] = self[next]
                order[place] = UInt32(place)
                place = next
            }
            self[place] = first
            order[place] = UInt32(place)
        }
    }
}
