import Foundation
import RoostSystem

/// One finished data directory per layout and test process, to be copied.
enum Templates {
    private static let scratch = Result { try ScratchDirectory() }
    private static let made = Guarded<[ScratchCluster.Layout: String]>([:])

    static func directory(for layout: ScratchCluster.Layout) throws -> String {
        // Making one holds up tests that want another: on a small machine they would only slow each other down.
        try made.withLock { known in
            if let path = known[layout] { return path }
            let path = try make(layout)
            known[layout] = path
            return path
        }
    }

    private static func make(_ layout: ScratchCluster.Layout) throws -> String {
        let cluster = try ScratchCluster.makeForeign(
            layout,
            in: try scratch.get(),
            named: "template-\(layout.major)-\(layout.checksums)-\(layout.walSegmentMegabytes)-\(layout.scale)"
        )
        try cluster.start()
        try cluster.program("pgbench", ["-q", "-i", "-s", String(layout.scale), "postgres"]).run().requireSuccess()
        try cluster.execute(
            "create extension amcheck",
            """
            create table document (id int primary key, body text, attributes jsonb);
            insert into document select n, repeat(md5(n::text), 1 + n % 20),
                jsonb_build_object('n', n, 'name', md5(n::text), 'tags', array[n % 7, n % 11])
            from generate_series(1, 3000) n;
            create index on document using gin (attributes);
            create index on document (body);
            create unlogged table scratch_space (id int primary key, note text);
            insert into scratch_space select n, 'gone after recovery' from generate_series(1, 1000) n;
            create table large_values (id int, content text);
            alter table large_values alter content set storage external;
            insert into large_values select n, repeat(md5(n::text), 5000) from generate_series(1, 20) n;
            """,
            "create database second"
        )
        try cluster.execute("create table only_here as select n from generate_series(1, 500) n", database: "second")
        try cluster.execute("checkpoint")
        try cluster.stop()
        return cluster.dataDirectory
    }
}
