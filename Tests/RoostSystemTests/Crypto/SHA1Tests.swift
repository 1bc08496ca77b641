import RoostSystem
import Testing

@Suite struct SHA1Tests {
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ])
    func `published vectors`(text: String, digest: String) {
        #expect(SHA1.hash(text.utf8.span.bytes).description == digest)
        #expect(SHA1(digest)?.description == digest)
    }

    @Test func `the digest of nothing is known`() {
        #expect(SHA1.ofNothing == SHA1.hash([UInt8]().span.bytes))
    }

    @Test(arguments: [
        "", "da39", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "da39a3ee5e6b4b0d3255bfef95601890afd8070900",
    ])
    func `only forty lower-case digits parse`(text: String) {
        #expect(SHA1(text) == nil)
    }
}
