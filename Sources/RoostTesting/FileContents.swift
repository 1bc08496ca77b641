package import Foundation

/// Turns around one bit of a file.
package func damage(_ path: String, at offset: Int) throws {
    var bytes = try contents(path)
    bytes[offset] ^= 0x10
    try bytes.write(to: URL(fileURLWithPath: path))
    try TestHost.giveToAccount(path)
}

/// All bytes of a file.
package func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

/// Every path below a directory that ends in a suffix.
package func paths(below directory: String, endingIn suffix: String) throws -> [String] {
    // By name alone: a program may still be at it.
    guard let walk = FileManager.default.enumerator(atPath: directory) else {
        throw TestFailure("unable to list \(directory)")
    }
    return walk.compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }.sorted()
}
