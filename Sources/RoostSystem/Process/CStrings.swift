/// Calls a body with the null-terminated array of C strings that `exec` wants; they live as long as the call.
///
/// Not by `strdup`: what libc allocates for itself is none of a sanitizer's blocks, and its `free` ends the program.
package func withCStrings<T>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
    let copies = strings.map { string in
        let characters = string.utf8CString
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: characters.count)
        _ = copy.initialize(from: characters)
        return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    return body(copies.map(\.baseAddress) + [nil])
}
