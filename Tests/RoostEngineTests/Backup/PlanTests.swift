import RoostFormat
import RoostSystem
import Testing

@testable import RoostEngine

/// How files are divided among workers, and which links can be backed up.
struct PlanTests {
    private func files(_ sizes: [UInt64]) throws -> ManifestFiles {
        var manifest = try manifest()
        for (index, size) in sizes.enumerated() { try manifest.add("pg_data/\(pad(index, 4))", size: size) }
        return manifest.files
    }

    private func text(_ jobs: [CopyJob]) -> [String] {
        jobs.map { job in
            switch job {
            case .single(let index): "\(index)"
            case .bundle(let id, let indexes): "\(id):\(indexes)"
            }
        }
    }

    @Test func `without bundles each file is a job, large ones first`() throws {
        let files = try files([10, 30, 20, 30, 0])
        #expect(text(CopyPlan.jobs([0, 1, 2, 3, 4], files: files, bundling: nil)) == ["1", "3", "2", "0", "4"])
        #expect(text(CopyPlan.jobs([2, 4], files: files, bundling: nil)) == ["2", "4"])
        #expect(text(CopyPlan.jobs([], files: files, bundling: nil)).isEmpty)
    }

    @Test func `small files go into bundles in the order of their names, after the large ones`() throws {
        var bundling = BackupSettings.Bundling()
        bundling.limit = 100
        bundling.size = 150
        let files = try files([100, 101, 50, 60, 500, 90, 1])
        #expect(
            text(CopyPlan.jobs(Array(0..<7), files: files, bundling: bundling)) == [
                "4", "1", "1:[0, 2]", "2:[3, 5]", "3:[6]",
            ])
    }

    @Test(arguments: [UInt64](1...20))
    func `every file is in exactly one job, and no bundle grows far beyond its size`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let sizes = (0..<200).map { _ in generator.next() % 4000 }
        let files = try files(sizes)
        var bundling = BackupSettings.Bundling()
        bundling.limit = generator.next() % 4000
        bundling.size = generator.next() % 20_000 + 1
        var seen: [Int] = []
        for job in CopyPlan.jobs(Array(0..<200), files: files, bundling: bundling) {
            switch job {
            case .single(let index):
                #expect(sizes[index] > bundling.limit)
                seen.append(index)
            case .bundle(_, let indexes):
                #expect(indexes == indexes.sorted())
                #expect(indexes.dropLast().reduce(0) { $0 + sizes[$1] } < bundling.size)
                seen += indexes
            }
        }
        #expect(seen.sorted() == Array(0..<200))
    }

    private func check(_ links: [String: String], files: Set<String> = []) throws {
        var targets = ["pg_data": Manifest.Target(kind: .path, path: "/data")]
        for (name, destination) in links {
            var target = Manifest.Target(kind: .link, path: destination)
            if files.contains(name) {
                target.path = directoryPart(of: destination)
                target.file = lastPart(of: destination)
            }
            targets[name] = target
        }
        try LinkCheck(dataDirectory: "/data").check(targets)
    }

    @Test(arguments: [
        ["pg_data/pg_wal": "/wal"], ["pg_data/pg_wal": "../wal"], ["pg_data/a": "/x/a", "pg_data/b": "/x/b"],
        ["pg_data/a": "/x/ab", "pg_data/b": "/x/a"], ["pg_data/pg_wal": "/database"], ["pg_data/sub/log": "../../log"],
    ])
    func `links that lead to places of their own`(links: [String: String]) throws { try check(links) }

    @Test(arguments: [
        ["pg_data/pg_wal": "/data/other"], ["pg_data/pg_wal": "/data"], ["pg_data/pg_wal": "."], ["pg_data/a": "sub/b"],
        ["pg_data/pg_wal": "/x/../data/wal"], ["pg_data/sub/log": "../log"], ["pg_data/a": "/x", "pg_data/b": "/x"],
        ["pg_data/a": "/x", "pg_data/b": "/x/y"], ["pg_data/a": "/x/y", "pg_data/b": "/x"],
        ["pg_data/a": "/x/", "pg_data/b": "/x/./"],
        ["pg_data/a": "/", "pg_data/b": "/x"], ["pg_data/a": "/"], ["pg_data/a": ".."],
    ])
    func `links into the data directory or into each other`(links: [String: String]) {
        #expect(failure { try check(links) }?.code == .linkDestination)
    }

    @Test func `file links may share a directory, also one below a linked directory, but not a file`() throws {
        let names: Set<String> = ["pg_data/1", "pg_data/2"]
        try check(["pg_data/1": "/etc/a.conf", "pg_data/2": "/etc/b.conf", "pg_data/3": "/etc/sub"], files: names)
        #expect(
            failure { try check(["pg_data/1": "/etc/a", "pg_data/2": "/etc/./a"], files: names) }?.code
                == .linkDestination)
        #expect(failure { try check(["pg_data/1": "/data/a"], files: names) }?.code == .linkDestination)
    }

    @Test func `a file link does not lead into a linked directory, but below it`() throws {
        for file in ["pg_data/1", "pg_data/3"] {
            let links = [file: "/etc/a", "pg_data/2": "/etc"]
            #expect(failure { try check(links, files: [file]) }?.code == .linkDestination)
            try check([file: "/etc/sub/a", "pg_data/2": "/etc"], files: [file])
        }
    }

    @Test func `a tablespace may lie around the data directory`() throws {
        var target = Manifest.Target(kind: .link, path: "/")
        target.tablespaceID = "16384"
        try LinkCheck(dataDirectory: "/data").check(["pg_tblspc/16384": target])
    }
}
