/// What a page check found in one file.
package struct PageCheckResult: Sendable, Equatable {
    /// All pages are good, and the file is a whole number of pages long.
    package var valid: Bool
    /// The numbers of bad pages, ascending, as PostgreSQL counts them over all segments of a relation.
    ///
    /// Empty if ``misaligned``, for then the manifest has no list.
    package var errors: [UInt32]
    /// The file ends within a page.
    package var misaligned: Bool

    package init(valid: Bool, errors: [UInt32] = [], misaligned: Bool = false) {
        self.valid = valid
        self.errors = errors
        self.misaligned = misaligned
    }
}
