import RoostAdmin
import RoostSystem
import Testing

@Suite struct InstallManifestTests {
    @Test func `what is written is read again`() throws {
        var manifest = InstallManifest()
        manifest.set(.init(.link, "roost", "/usr/local/bin/pg-role"))
        manifest.set(.init(.file, "abc", "/usr/local/bin/roost"))
        manifest.set(.init(.directory, "", "/usr/local/share/roost"))
        manifest.set(.init(.diversion, "/usr/bin/pgbackrest.distrib", "/usr/bin/pgbackrest"))
        manifest.set(.init(.file, "def", "/usr/local/bin/roost"))
        #expect(manifest.entries.map(\.path) == manifest.entries.map(\.path).sorted())
        #expect(manifest["/usr/local/bin/roost"]?.mark == "def")
        #expect(try InstallManifest(parsing: manifest.text, object: "x") == manifest)
    }

    @Test(arguments: [
        "", "file\ta\t/x\n", "TITLEfile\ta\n", "TITLEfile\ta\tx\n", "TITLEfile\ta\t/x", "TITLEfiles\ta\t/x\n",
        "TITLEfile\ta\t/x\ty\n", "TITLEfile\ta\t/usr/../etc/passwd\n",
    ])
    func `a file of another kind decides nothing`(text: String) {
        let title = InstallManifest().text
        #expect(throws: RoostError.self) {
            try InstallManifest(parsing: text.replacing("TITLE", with: title), object: "x")
        }
    }
}
