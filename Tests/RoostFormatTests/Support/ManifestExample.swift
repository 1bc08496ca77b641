import RoostFormat
import Testing

/// The worked example without its checksum, to be changed and signed again.
let example = text(Example.manifest).split(separator: "\n\n[backrest]\n")[0] + "\n"

/// The example with other files.
func manifest(files: [String], replacing changes: [(String, String)] = []) throws -> Manifest {
    var result = String(example)
    let start = try #require(result.firstRange(of: "[target:file]\n")).upperBound
    let end = try #require(result.firstRange(of: "\n[target:file:default]")).lowerBound
    result.replaceSubrange(start..<end, with: files.map { "\($0)\n" }.joined())
    for (old, new) in changes {
        try #require(result.contains(old), "'\(old)' is not in the example")
        result.replace(old, with: new)
    }
    return try Manifest(testing: signed(result))
}

func lines(_ manifest: Manifest) throws -> [String] {
    text(try manifest.rendered).split(separator: "\n").map(String.init)
}

let plain = #"={"checksum":"587b596f04f7db9c2cad3d6b87dd2b3a05de4f35","size":3,"timestamp":1767323000}"#
