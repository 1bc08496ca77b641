internal import RoostEngine
internal import RoostSystem

/// One line on a terminal that shows how far a command is, how fast, and how long it will take.
final class ProgressBar {
    private let title: String
    private let start = monotonicMilliseconds()
    private var lastDrawn: Int64 = 0
    private var isVisible = false

    init(title: String) { self.title = title }

    /// Draws at most ten times a second.
    func update(_ progress: Progress) {
        let now = monotonicMilliseconds()
        guard now - lastDrawn >= 100 else { return }
        lastDrawn = now
        StandardOutput.writeError("\r\u{1B}[K" + Self.text(title, progress, elapsed: now - start))
        isVisible = true
    }

    /// Takes the line away.
    func clear() {
        guard isVisible else { return }
        StandardOutput.writeError("\r\u{1B}[K")
        isVisible = false
    }

    /// `backup  [#####.....]  52%  1.2GB of 2.3GB  410MB/s  3s left`.
    static func text(_ title: String, _ progress: Progress, elapsed: Int64) -> String {
        let fraction = progress.total == 0 ? 1 : Double(progress.complete) / Double(progress.total)
        let filled = Int(fraction * 20)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
        let rate = elapsed > 0 ? Double(progress.complete) / Double(elapsed) * 1000 : 0
        let left = rate > 0 ? Int64(Double(progress.total - progress.complete) / rate) : 0
        return
            "\(title)  [\(bar)]  \(Int(fraction * 100))%  \(ByteCount(progress.complete)) of \(ByteCount(progress.total))  "
            + "\(ByteCount(UInt64(rate)))/s  \(duration(seconds: left)) left"
    }

    private static func duration(seconds: Int64) -> String {
        seconds < 60
            ? "\(seconds)s"
            : seconds < 3600 ? "\(seconds / 60)m \(seconds % 60)s" : "\(seconds / 3600)h \(seconds / 60 % 60)m"
    }
}
