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
