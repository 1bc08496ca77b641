/// An option that somebody set, before anything is known about what it means.
struct GivenValue: Sendable {
    var texts: [String] = []
    var isNegated = false
    var isReset = false
    var source: OptionSource
}

/// All options that somebody set, each from the first source that has it.
///
/// An array, because a few dozen entries are found faster than the metadata of a dictionary are made at start-up.
struct GivenValues: Sendable {
    struct Entry: Sendable {
        let position: Int
        let index: Int
        var value: GivenValue
    }

    /// In the order of ``Options/all`` and of the indexes.
    private(set) var entries: [Entry] = []

    subscript(position: Int, index: Int) -> GivenValue? {
        get {
            let place = place(of: position, index)
            return isAt(place, position, index) ? entries[place].value : nil
        }
        set {
            let place = place(of: position, index)
            if isAt(place, position, index) { entries.remove(at: place) }
            if let newValue { entries.insert(Entry(position: position, index: index, value: newValue), at: place) }
        }
    }

    subscript(name: OptionName) -> GivenValue? {
        get { self[name.position, name.index] }
        set { self[name.position, name.index] = newValue }
    }

    subscript(option: Option<some OptionValue>) -> GivenValue? {
        get { self[Options.position(of: option.declaration), 1] }
        set { self[Options.position(of: option.declaration), 1] = newValue }
    }

    private func place(of position: Int, _ index: Int) -> Int {
        entries.firstIndex { ($0.position, $0.index) >= (position, index) } ?? entries.count
    }

    private func isAt(_ place: Int, _ position: Int, _ index: Int) -> Bool {
        place < entries.count && entries[place].position == position && entries[place].index == index
    }
}
