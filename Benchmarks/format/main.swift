import Glibc
import RoostFormat
import RoostPostgres
import RoostSystem

/// Measures how long a large manifest takes to parse and to render, and how much memory that needs.
///
///     roost-benchmark-format [files] [runs]
///
/// Each measurement is a process of its own, since the peak of memory is the process's.
let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "make": try makeManifest(files: 1_000_000, arguments[2])
case "parse": try measure("parse", arguments[2]) { _ in }
case "render": try measure("render", arguments[2]) { try $0.render { _ in } }
default: try compare(files: arguments.count > 1 ? Int(arguments[1]) ?? 1_000_000 : 1_000_000, runs: 3)
}

/// Makes a manifest and measures both directions with it.
func compare(files: Int, runs: Int) throws {
    let path = "/tmp/roost-benchmark-format.\(CurrentProcess.id)"
    defer { _ = Syscall.unlink(path) }
    try makeManifest(files: files, path)
    let size = try FileStatus.of(path)?.size ?? 0
    print("\(files) files, manifest of \(ByteCount(size)); limits for a million: 3000 ms, 150 MiB")
    for mode in ["parse", "render"] {
        for _ in 0..<runs { try run([mode, path]) }
    }
}

/// Writes a manifest as a bundled zst backup of many small relations has it.
func makeManifest(files: Int, _ path: String) throws {
    guard let label = BackupLabel("20261122-141514F") else { fatalError("a valid label") }
    var options = BackupOptions()
    options.compression = .zst
    options.compressLevel = 3
    var manifest = Manifest(
        version: "2.60.0", label: label, type: .full, timestampStart: 1_795_356_914,
        cluster: .init(
            identity: ClusterIdentity(systemID: SystemID(7_710_998_906_567_630_426), version: "15"),
            catalogVersion: 202_209_061, controlVersion: 1300, historyID: 1),
        options: options)
    manifest.isBundled = true
    manifest.targets["pg_data"] = .init(kind: .path, path: "/var/lib/postgresql/15/main")
    let owner = Owner.name("postgres")
    manifest.paths["pg_data"] = .init(mode: 0o700, user: owner, group: owner)
    let index = try manifest.ownerIndex(owner)
    for number in 0..<files {
        let name = "pg_data/base/\(16384 + number / 100_000)/\(1_000_000 + number)"
        var file = ManifestFile(
            size: UInt64(8192 * (1 + number % 5)), timestamp: 1_795_356_000 + Int64(number % 900), mode: 0o600,
            user: index,
            group: index)
        file.repoSize = UInt64(600 + number % 6000)
        file.checksum = SHA1.hash(name.utf8.span.bytes)
        file.repoChecksum = SHA1.hash("stored \(name)".utf8.span.bytes)
        file.bundle = .init(id: UInt32(1 + number / 500), offset: UInt64(number % 500 * 4000))
        file.pageCheck = .valid
        try manifest.files.add(Array(name.utf8).span, file)
    }
    let output = try OwnedDescriptor.create(path, mode: 0o600)
    try manifest.render { try output.write($0) }
    try output.close()
}

/// Parses a file, does something with the manifest, and prints what the asked part cost.
func measure(_ mode: String, _ path: String, _ body: (Manifest) throws -> Void) throws {
    let idle = try peakMemory()
    var clock = Stopwatch()
    let manifest = try parse(path)
    if mode == "render" { clock = Stopwatch() }
    try body(manifest)
    let (wall, processor) = clock.read()
    let peak = try peakMemory()
    print(
        "\(mode): \(wall) ms, \(processor) ms of processor time, \((peak - idle) / 1024) MiB above \(idle / 1024) MiB")
}

/// Milliseconds since it was made, and how many of them the process was running.
struct Stopwatch {
    private let wall = monotonicMilliseconds()
    private let processor = clock()

    func read() -> (wall: Int64, processor: Int64) {
        (monotonicMilliseconds() - wall, Int64((clock() - processor) / (CLOCKS_PER_SEC / 1000)))
    }
}

func parse(_ path: String) throws -> Manifest {
    let builder = ManifestBuilder(object: path)
    let parser = InfoFileParser(object: path, handler: builder)
    let input = try OwnedDescriptor.read(path)
    let chunk = Chunk(capacity: 64 << 10)
    var more = true
    while more {
        chunk.removeAll()
        more = try input.read(into: chunk)
        try parser.push(Span(_bytes: chunk.bytes))
    }
    try parser.finish()
    return try builder.manifest(version: parser.version)
}

/// `VmHWM` of this process, in KiB.
func peakMemory() throws -> Int {
    let text = String(decoding: try FileSystem.read("/proc/self/status"), as: UTF8.self)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let number = Int(line.drop { !$0.isNumber }.prefix { $0.isNumber })
    else { fatalError("/proc/self/status without VmHWM") }
    return number
}

/// Runs this program again and waits for it.
func run(_ arguments: [String]) throws {
    fflush(nil)
    var words: [UnsafeMutablePointer<CChar>?] = (["roost-benchmark-format"] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    var status: Int32 = 0
    guard posix_spawn(&process, "/proc/self/exe", nil, nil, words, nil) == 0, waitpid(process, &status, 0) == process,
        status == 0
    else { fatalError("a measurement failed") }
}
