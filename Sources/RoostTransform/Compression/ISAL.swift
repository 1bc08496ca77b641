internal import CISAL
internal import Glibc

/// Intel's storage acceleration library, opened at first use: most commands do without it, and so can a system.
@safe struct ISAL: @unchecked Sendable {
    typealias Deflate = @convention(c) (UnsafeMutablePointer<isal_zstream>) -> Int32
    typealias DeflateSetUp = @convention(c) (UnsafeMutablePointer<isal_zstream>) -> Void
    typealias Inflate = @convention(c) (UnsafeMutablePointer<inflate_state>) -> Int32
    typealias InflateSetUp = @convention(c) (UnsafeMutablePointer<inflate_state>) -> Void

    let deflate: Deflate
    let deflateInit: DeflateSetUp
    let deflateReset: DeflateSetUp
    let inflate: Inflate
    let inflateInit: InflateSetUp
    let inflateReset: InflateSetUp

    /// Nil where the library is not installed (Debian package `libisal2`): slower, but nothing else depends on it.
    static let shared = ISAL(library: "libisal.so.2")

    /// The types of the functions are those of `igzip_lib.h` for the version that `library` names.
    init?(library: String) {
        guard let handle = unsafe dlopen(library, RTLD_NOW | RTLD_LOCAL),
            let deflate = unsafe dlsym(handle, "isal_deflate"),
            let deflateInit = unsafe dlsym(handle, "isal_deflate_init"),
            let deflateReset = unsafe dlsym(handle, "isal_deflate_reset"),
            let inflate = unsafe dlsym(handle, "isal_inflate"),
            let inflateInit = unsafe dlsym(handle, "isal_inflate_init"),
            let inflateReset = unsafe dlsym(handle, "isal_inflate_reset")
        else { return nil }
        unsafe self.deflate = unsafeBitCast(deflate, to: Deflate.self)
        unsafe self.deflateInit = unsafeBitCast(deflateInit, to: DeflateSetUp.self)
        unsafe self.deflateReset = unsafeBitCast(deflateReset, to: DeflateSetUp.self)
        unsafe self.inflate = unsafeBitCast(inflate, to: Inflate.self)
        unsafe self.inflateInit = unsafeBitCast(inflateInit, to: InflateSetUp.self)
        unsafe self.inflateReset = unsafeBitCast(inflateReset, to: InflateSetUp.self)
    }
}
