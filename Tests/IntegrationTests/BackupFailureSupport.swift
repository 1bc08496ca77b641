import RoostTesting

/// A stanza with small WAL segments: what matters here are steps, not bytes.
func withSmallStanza(bundles: Bool = false, _ body: (ScratchStanza) throws -> Void) throws {
    try ScratchStanza.with(
        .init(walSegmentMegabytes: 1),
        options: .init(.zst, bundled: bundles),
        archiver: .roost,
        settings: ["resume=n", "job-retry=0"],
        body
    )
}

/// A backup in which a system call fails or kills.
func attempt(_ stanza: ScratchStanza, _ type: String = "full", fault: String) throws -> CommandResult {
    try stanza.attempt(.roost, "--type=\(type)", "backup", environment: ["ROOST_FAULT": fault])
}
