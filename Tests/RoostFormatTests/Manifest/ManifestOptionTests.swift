import RoostFormat
import RoostPostgres
import RoostSystem
import Testing

@Suite struct ManifestOptionTests {
    @Test(arguments: [
        ("4294967295", -1), ("4294967289", -7), ("0", 0), ("22", 22), ("-1", -1), ("2147483647", 2_147_483_647),
    ])
    func `a negative compression level is written modulo two to the 32`(written: String, level: Int) throws {
        let manifest = try manifest(
            files: [], replacing: [("option-compress-level=0", "option-compress-level=\(written)")])
        #expect(manifest.options.compressLevel == level)
        let line = "option-compress-level=\(UInt32(truncatingIfNeeded: level))"
        #expect(try lines(manifest).contains(line))
    }

    @Test(arguments: [("true", Compression.gz), ("false", .none)])
    func `without a type compression means gz`(compress: String, compression: Compression) throws {
        let manifest = try manifest(
            files: [],
            replacing: [
                ("option-compress-type=\"none\"\n", ""), ("option-compress=false", "option-compress=\(compress)"),
            ])
        #expect(manifest.options.compression == compression)
    }
}
