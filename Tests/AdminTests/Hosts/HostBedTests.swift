import Foundation
import RoostTesting
import Testing

/// The hosts themselves: they are apart from each other, and nothing is left of them.
@Suite struct HostBedTests {
    @Test func `hosts have systemd, an address and files of their own`() throws {
        try ScratchDirectory.with { scratch in
            let bed = try HostBed(hosts: 2, in: scratch)
            #expect(try bed.run("h2", "hostname") == "h2")
            #expect(try bed.run("h1", "systemctl", "is-active", "ssh", "cron") == "active\nactive")
            let key = "\(bed.directory)/key"
            let options = [
                "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
            ]
            let remote = try bed.command(
                HostBed.admin,
                ["ssh", "-i", key] + options + ["root@\(bed.hosts[1].address)", "hostname; touch /etc/mine"],
                as: .root
            ).run().requireSuccess()
            #expect(remote.standardOutput == "h2\n")
            #expect(try bed.exists("/etc/mine", on: "h2") && !bed.exists("/etc/mine", on: "h1"))
            #expect(!FileManager.default.fileExists(atPath: "/etc/mine"))
            try bed.run("h1", "touch", "/nfs/shared")
            #expect(try bed.exists("/nfs/shared", on: "h2"))
            #expect(try bed.run("h1", "roost", "version").contains("Roost"))
        }
    }

    /// Also of a bed that is killed, whose hosts have nobody to end them.
    @Test(arguments: [SIGTERM, SIGKILL]) func `nothing is left of a bed`(_ signal: Int32) throws {
        try ScratchDirectory.with { scratch in
            let directory = scratch.path + "/bed"
            let process = try Command(
                HostBed.root + "/Tests/hosts/bed", ["start", directory, "h1=10.10.10.10"], as: .root
            ).start()
            try waitUntil("the host") { FileManager.default.fileExists(atPath: directory + "/ready") }
            let first = try #require(
                Int32(try String(contentsOfFile: directory + "/h1.pid", encoding: .utf8).dropLast()))
            let spaces = try Set([first, process.processID].flatMap(namespaces))
            #expect(spaces.count == 8, "\(spaces)")
            let group = try controlGroup(process.processID)
            #expect(FileManager.default.fileExists(atPath: group))

            process.send(signal)
            let result = try process.wait()
            #expect(signal == SIGTERM ? result.succeeded : result.ending == .killed(signal: SIGKILL), "\(result)")
            try waitUntil("the namespaces to end") { try spaces.isDisjoint(with: usedNamespaces()) }
            let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8)
            #expect(!mounts.contains(directory))
            #expect(!FileManager.default.fileExists(atPath: "/sys/class/net/bed"))
            // What a killed one leaves is empty, and the next one removes it.
            if signal == SIGTERM { #expect(!FileManager.default.fileExists(atPath: group)) }
        }
    }

    private static let kinds = ["mnt", "net", "pid", "ipc", "uts", "cgroup"]

    /// The namespaces of a process that are not those of the machine.
    private func namespaces(_ process: Int32) throws -> [String] {
        try Self.kinds.map {
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/\($0)")
        }.filter { !machine.contains($0) }
    }

    private var machine: Set<String> {
        Set(
            Self.kinds.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/\($0)")
            })
    }

    private func usedNamespaces() throws -> Set<String> {
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int32($0) != nil }
        return Set(
            processes.flatMap { process in
                Self.kinds.compactMap {
                    // A process may end while we look.
                    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/\($0)")
                }
            })
    }

    private func controlGroup(_ process: Int32) throws -> String {
        let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8).split(separator: "\n")
        let line = try #require(mounts.first { $0.split(separator: " ")[2] == "cgroup2" })
        return "\(line.split(separator: " ")[1])/roost-bed-\(process)"
    }
}
