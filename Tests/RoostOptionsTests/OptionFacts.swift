/// Facts about pgBackRest 2.60 as the specification `options.tsv` lists them; each was taken from the program.
///
/// Columns: name, group, type, section, flags (Secure, Internal, Negatable, rEsettable, reQuired), default, allowed values,
/// dependency, commands, differences of single commands, former names. Long lists of commands are named in `commandSets`.
enum OptionFacts {
    static let commandSets: [String: String] = [
        "set0":
            "annotate,archive-get,archive-push,backup,check,expire,info,manifest,repo-get,repo-ls,"
            + "repo-rm,restore,stanza-create,stanza-delete,stanza-upgrade,verify",
        "set1":
            "annotate[main],archive-get[main+async+local],archive-push[main+async+local],"
            + "backup[main+local],check[main],expire[main],info[main],manifest[main],repo-get[main],"
            + "repo-ls[main],repo-rm[main],restore[main+local],stanza-create[main],stanza-delete[main],"
            + "stanza-upgrade[main],verify[main+local]",
        "set2":
            "backup[main+local],check[main],manifest[main],stanza-create[main],stanza-delete[main],"
            + "stanza-upgrade[main]",
        "set3":
            "annotate,archive-get,archive-push,backup,check,expire,info,manifest,repo-get,repo-ls,"
            + "repo-rm,restore,server,server-ping,stanza-create,stanza-delete,stanza-upgrade,verify",
        "set4":
            "backup,check,stanza-create,stanza-delete,stanza-upgrade",
        "set5":
            "archive-get[main+async+local],archive-push[main+async+local],backup[main+local],"
            + "restore[main+local],verify[main+local]",
    ]

    static let options = #"""
        allow-root ; - ; boolean ; global ; NE ; n ; - ; - ; * ; restore{default=y} ; -
        annotation ; - ; hash ; global ; E ; - ; - ; - ; annotate[main],backup[main] ; annotate{required=y} ; -
        archive-async ; - ; boolean ; global ; NE ; n ; - ; - ; archive-get,archive-push ; - ; -
        archive-check ; - ; boolean ; global ; NE ; y ; - ; - ; archive-push[main+async],backup[main],\#
        check[main] ; backup{depends=online=y else n} ; -
        archive-copy ; - ; boolean ; global ; NE ; n ; - ; - ; backup[main] ; backup{depends=archive-check=y \#
        else n} ; -
        archive-expire-before ; - ; string ; command-line ; - ; - ; - ; - ; expire[main] ; - ; -
        archive-get-queue-max ; - ; size ; global ; E ; 128MiB ; 0B..4PiB ; - ; archive-get[main+async] ; - ; -
        archive-header-check ; - ; boolean ; global ; NE ; y ; - ; - ; archive-push[main+async] ; - ; -
        archive-missing-retry ; - ; boolean ; global ; NE ; y ; - ; - ; archive-get[main] ; - ; -
        archive-mode ; - ; string-id ; global ; E ; preserve ; preserve|off ; - ; restore[main] ; - ; -
        archive-mode-check ; - ; boolean ; global ; NE ; y ; - ; archive-check=y else n ; \#
        archive-push[main+async],backup[main],check[main] ; - ; -
        archive-push-batch-size ; - ; size ; global ; E ; 16GiB ; 1MiB..4PiB ; - ; archive-push[main+async] ; - ; -
        archive-push-queue-max ; - ; size ; global ; E ; - ; 0B..4PiB ; - ; archive-push[main+async] ; - ; \#
        archive-queue-max
        archive-timeout ; - ; time ; global ; E ; 1m ; 100ms..1d ; - ; archive-get[main],archive-push[main],\#
        backup[main],check[main] ; - ; -
        backup-standby ; - ; string-id+bool ; global ; NE ; n ; n|prefer|y ; - ; backup[main],check[main] ; - ; -
        beta ; - ; boolean ; global ; INE ; n ; - ; - ; * ; - ; -
        buffer-size ; - ; size ; global ; E ; 1MiB ; 16KiB|32KiB|64KiB|128KiB|256KiB|512KiB|1MiB|2MiB|4MiB|8MiB|\#
        16MiB ; - ; set3 ; - ; -
        checksum-page ; - ; boolean ; global ; NE ; - ; - ; - ; backup[main] ; - ; -
        cmd ; - ; string ; global ; E ; <argv0> ; - ; - ; set5 ; - ; -
        cmd-ssh ; - ; string ; global ; E ; ssh ; - ; - ; set1 ; - ; -
        compress ; - ; boolean ; global ; NE ; y ; - ; - ; archive-push[main],backup[main] ; - ; -
        compress-level ; - ; integer ; global ; E ; compress-type:bz2=9,gz=6,lz4=1,zst=3 ; \#
        compress-type:bz2=1..9,gz=-1..9,lz4=-5..12,zst=-7..22 ; compress-type=bz2|gz|lz4|zst else 0 ; \#
        archive-push[main+async],backup[main] ; - ; -
        compress-level-network ; - ; integer ; global ; E ; 1 ; -5..12 ; - ; set1 ; - ; -
        compress-type ; - ; string-id ; global ; E ; gz ; none|bz2|gz|lz4|zst ; - ; archive-push[main+async],\#
        backup[main] ; - ; -
        config ; - ; string ; command-line ; N ; /etc/pgbackrest/pgbackrest.conf ; - ; - ; * ; - ; -
        config-include-path ; - ; path ; command-line ; - ; /etc/pgbackrest/conf.d ; - ; - ; * ; - ; -
        config-path ; - ; path ; command-line ; - ; /etc/pgbackrest ; - ; - ; * ; - ; -
        db-exclude ; - ; list ; global ; E ; - ; - ; - ; restore[main] ; - ; -
        db-include ; - ; list ; global ; E ; - ; - ; - ; restore[main] ; - ; -
        db-timeout ; - ; time ; global ; E ; 30m ; 100ms..7d ; - ; set4 ; - ; -
        delta ; - ; boolean ; global ; NE ; n ; - ; - ; backup[main],restore[main] ; - ; -
        detail-level ; - ; string-id ; command-line ; - ; full ; full|progress ; - ; info[main] ; - ; -
        dry-run ; - ; boolean ; command-line ; - ; n ; - ; - ; expire[main] ; - ; -
        exclude ; - ; list ; global ; E ; - ; - ; - ; backup[main] ; - ; -
        exec-id ; - ; string ; command-line ; I ; - ; - ; - ; * ; - ; -
        expire-auto ; - ; boolean ; global ; NE ; y ; - ; - ; backup[main] ; - ; -
        filter ; - ; string ; command-line ; - ; - ; - ; - ; manifest[main],repo-ls[main] ; - ; -
        force ; - ; boolean ; command-line ; - ; n ; - ; - ; backup[main],restore[main],stanza-create[main],\#
        stanza-delete[main],stop ; backup{depends=online=n} stanza-create{internal=y} ; -
        help ; - ; boolean ; command-line ; - ; n ; - ; - ; help ; - ; -
        ignore-missing ; - ; boolean ; command-line ; - ; n ; - ; - ; repo-get[main] ; - ; -
        io-timeout ; - ; time ; global ; E ; 1m ; 100ms..1h ; - ; set3 ; - ; -
        job-retry ; - ; integer ; global ; IE ; 2 ; 0..360 ; - ; set5 ; archive-get{default=1} \#
        archive-push{default=1} ; -
        job-retry-interval ; - ; time ; global ; IE ; 15s ; 0s..15m ; - ; set5 ; - ; -
        link-all ; - ; boolean ; global ; NE ; n ; - ; - ; restore[main] ; - ; -
        link-map ; - ; hash ; global ; E ; - ; - ; - ; restore[main] ; - ; -
        lock ; - ; list ; command-line ; I ; - ; - ; - ; annotate[remote],archive-push[remote],backup[remote],\#
        expire[remote],stanza-create[remote],stanza-delete[remote],stanza-upgrade[remote] ; - ; -
        lock-path ; - ; path ; global ; E ; /tmp/pgbackrest ; - ; - ; annotate,archive-get,archive-push,backup,\#
        expire,info,restore,stanza-create,stanza-delete,stanza-upgrade,start,stop ; - ; -
        log-level-console ; - ; string-id ; global ; E ; warn ; off|error|warn|info|detail|debug|trace ; - ; * \#
        ; - ; -
        log-level-file ; - ; string-id ; global ; E ; info ; off|error|warn|info|detail|debug|trace ; - ; * ; - ; -
        log-level-stderr ; - ; string-id ; global ; E ; off ; off|error|warn|info|detail|debug|trace ; - ; * ; - ; -
        log-path ; - ; path ; global ; E ; /var/log/pgbackrest ; - ; - ; * ; - ; -
        log-subprocess ; - ; boolean ; global ; NE ; n ; - ; - ; set0 ; - ; -
        log-timestamp ; - ; boolean ; global ; NE ; y ; - ; - ; * ; - ; -
        manifest-save-threshold ; - ; size ; global ; E ; 1GiB ; 1B..1TiB ; - ; backup[main] ; - ; -
        neutral-umask ; - ; boolean ; global ; NE ; y ; - ; - ; annotate,archive-get,archive-push,backup,check,\#
        expire,repo-get,repo-ls,repo-rm,restore,stanza-create,stanza-delete,stanza-upgrade,start,stop,verify ; \#
        - ; -
        oldest ; - ; boolean ; command-line ; - ; n ; - ; - ; expire[main] ; expire{depends=stanza} ; -
        online ; - ; boolean ; command-line ; N ; y ; - ; - ; backup[main],stanza-create[main],\#
        stanza-upgrade[main] ; - ; -
        output ; - ; string-id ; command-line ; - ; text ; text|json ; - ; info[main],manifest[main],\#
        repo-ls[main],verify[main],version ; verify{default=none; allowed=none|text|json} version{default=text; \#
        allowed=text|num} ; -
        page-header-check ; - ; boolean ; global ; NE ; y ; - ; - ; backup[main] ; - ; -
        pg ; - ; integer ; command-line ; I ; - ; 1..256 ; - ; backup[local],manifest[main] ; - ; -
        pg-database ; pg ; string ; stanza ; E ; postgres ; - ; pg-path ; set4 ; - ; -
        pg-host ; pg ; string ; stanza ; E ; - ; - ; pg-local=n ; archive-get[main+async+local],\#
        archive-push[main+async+local],backup[main+local],check[main],manifest[main],restore[main+local],\#
        stanza-create[main],stanza-delete[main],stanza-upgrade[main] ; archive-get{internal=y} \#
        archive-push{internal=y} restore{internal=y} ; db-host,dbN-host
        pg-host-ca-file ; pg ; string ; global ; E ; - ; - ; pg-host-type=tls ; set2 ; - ; -
        pg-host-ca-path ; pg ; string ; global ; E ; - ; - ; pg-host-type=tls ; set2 ; - ; -
        pg-host-cert-file ; pg ; string ; global ; EQ ; - ; - ; pg-host-type=tls ; set2 ; - ; -
        pg-host-cmd ; pg ; string ; stanza ; E ; <argv0> ; - ; pg-host-type=ssh ; set2 ; - ; db-cmd,dbN-cmd
        pg-host-config ; pg ; path ; stanza ; E ; /etc/pgbackrest/pgbackrest.conf ; - ; pg-host ; set2 ; - ; \#
        db-config,dbN-config
        pg-host-config-include-path ; pg ; path ; stanza ; E ; /etc/pgbackrest/conf.d ; - ; pg-host ; set2 ; - ; -
        pg-host-config-path ; pg ; path ; stanza ; E ; /etc/pgbackrest ; - ; pg-host ; set2 ; - ; -
        pg-host-key-file ; pg ; string ; global ; EQ ; - ; - ; pg-host-type=tls ; set2 ; - ; -
        pg-host-port ; pg ; integer ; stanza ; E ; pg-host-type:tls=8432 ; 0..65535 ; pg-host-type=ssh|tls ; \#
        set2 ; - ; db-ssh-port,dbN-ssh-port
        pg-host-type ; pg ; string-id ; global ; E ; ssh ; ssh|tls ; pg-host ; set2 ; - ; -
        pg-host-user ; pg ; string ; stanza ; E ; postgres ; - ; pg-host-type=ssh ; set2 ; - ; db-user,dbN-user
        pg-local ; pg ; boolean ; stanza ; INE ; n ; - ; - ; archive-get[main+async+local],\#
        archive-push[main+async+local],backup[main+local],check[main],manifest[main],restore[main+local],\#
        stanza-create[main],stanza-delete[main],stanza-upgrade[main] ; - ; -
        pg-path ; pg ; path ; stanza ; EQ ; - ; - ; - ; archive-get,archive-push,backup,check,manifest,restore,\#
        stanza-create,stanza-delete,stanza-upgrade ; archive-push{required=n} check{depends=stanza} \#
        manifest{required=n} ; db-path,dbN-path
        pg-port ; pg ; integer ; stanza ; E ; 5432 ; 0..65535 ; pg-path ; set4 ; - ; db-port,dbN-port
        pg-socket-path ; pg ; string ; stanza ; E ; - ; - ; pg-path ; set4 ; - ; db-socket-path,dbN-socket-path
        pg-user ; pg ; string ; stanza ; E ; - ; - ; pg-path ; set4 ; - ; -
        pg-version-force ; - ; string ; stanza ; E ; - ; - ; - ; archive-get,archive-push,backup,check,manifest,\#
        restore,stanza-create,stanza-delete,stanza-upgrade,verify ; - ; -
        priority ; - ; integer ; global ; E ; - ; -20..19 ; - ; * ; - ; -
        process ; - ; integer ; command-line ; I ; - ; 0..1024 ; - ; annotate[remote],archive-get[local+remote],\#
        archive-push[local+remote],backup[local+remote],check[remote],expire[remote],info[remote],\#
        manifest[remote],repo-get[remote],repo-ls[remote],repo-rm[remote],restore[local+remote],\#
        stanza-create[remote],stanza-delete[remote],stanza-upgrade[remote],verify[local+remote] ; - ; -
        process-max ; - ; integer ; global ; E ; 1 ; 1..999 ; - ; archive-get[main+async],\#
        archive-push[main+async],backup[main],restore[main],verify[main] ; - ; -
        protocol-timeout ; - ; time ; global ; E ; 31m ; 100ms..7d ; - ; annotate,archive-get,archive-push,\#
        backup,check,expire,info,manifest,repo-get,repo-ls,repo-rm,restore,server,stanza-create,stanza-delete,\#
        stanza-upgrade,verify ; - ; -
        raw ; - ; boolean ; command-line ; - ; n ; - ; - ; repo-get[main] ; - ; -
        recovery-option ; - ; hash ; global ; E ; - ; - ; type=default|immediate|lsn|name|time|standby|xid ; \#
        restore[main] ; - ; -
        recurse ; - ; boolean ; command-line ; - ; n ; - ; - ; repo-ls[main],repo-rm[main] ; - ; -
        reference ; - ; string ; command-line ; - ; - ; - ; - ; manifest[main] ; - ; -
        remote-type ; - ; string-id ; command-line ; I ; - ; pg|repo ; - ; annotate[remote],\#
        archive-get[local+remote],archive-push[local+remote],backup[local+remote],check[remote],expire[remote],\#
        info[remote],manifest[remote],repo-get[remote],repo-ls[remote],repo-rm[remote],restore[local+remote],\#
        stanza-create[remote],stanza-delete[remote],stanza-upgrade[remote],verify[local+remote] ; - ; -
        repo ; - ; integer ; command-line ; - ; - ; 1..256 ; - ; annotate,archive-get,archive-push[remote],\#
        backup,check[remote],expire,info,manifest,repo-get,repo-ls,repo-rm,restore,stanza-create[remote],\#
        stanza-delete,stanza-upgrade[remote],verify ; - ; -
        repo-azure-account ; repo ; string ; global ; SEQ ; - ; - ; repo-type=azure ; set0 ; - ; -
        repo-azure-container ; repo ; string ; global ; EQ ; - ; - ; repo-type=azure ; set0 ; - ; -
        repo-azure-endpoint ; repo ; string ; global ; SE ; blob.core.windows.net ; - ; repo-type=azure ; set0 \#
        ; - ; -
        repo-azure-key ; repo ; string ; global ; SE ; - ; - ; repo-azure-key-type=shared|sas ; set0 ; - ; -
        repo-azure-key-type ; repo ; string-id ; global ; E ; shared ; shared|sas|auto ; repo-type=azure ; set0 \#
        ; - ; -
        repo-azure-uri-style ; repo ; string-id ; global ; E ; host ; host|path ; repo-type=azure ; set0 ; - ; -
        repo-block ; repo ; boolean ; global ; NE ; n ; - ; repo-bundle=y else n ; backup[main] ; - ; -
        repo-block-age-map ; repo ; hash ; global ; IE ; - ; - ; repo-block=y ; backup[main] ; - ; -
        repo-block-checksum-size-map ; repo ; hash ; global ; IE ; - ; - ; repo-block=y ; backup[main] ; - ; -
        repo-block-size-map ; repo ; hash ; global ; IE ; - ; - ; repo-block=y ; backup[main] ; - ; -
        repo-block-size-super ; repo ; size ; global ; IE ; 256KiB ; 32KiB..16MiB ; repo-block=y ; backup[main] \#
        ; - ; -
        repo-block-size-super-full ; repo ; size ; global ; IE ; 1MiB ; 32KiB..16MiB ; repo-block=y ; \#
        backup[main] ; - ; -
        repo-bundle ; repo ; boolean ; global ; NE ; n ; - ; - ; backup[main] ; - ; -
        repo-bundle-limit ; repo ; size ; global ; E ; 2MiB ; 8KiB..1PiB ; repo-bundle=y ; backup[main] ; - ; -
        repo-bundle-size ; repo ; size ; global ; E ; 20MiB ; 1MiB..1PiB ; repo-bundle=y ; backup[main] ; - ; -
        repo-cipher-pass ; repo ; string ; global ; SEQ ; - ; - ; repo-cipher-type=aes-256-cbc ; set0 ; - ; \#
        repo-cipher-pass
        repo-cipher-type ; repo ; string-id ; global ; E ; none ; none|aes-256-cbc ; - ; set0 ; - ; repo-cipher-type
        repo-gcs-bucket ; repo ; string ; global ; EQ ; - ; - ; repo-gcs-key-type ; set0 ; - ; -
        repo-gcs-endpoint ; repo ; string ; global ; E ; storage.googleapis.com ; - ; repo-gcs-key-type ; set0 \#
        ; - ; -
        repo-gcs-key ; repo ; string ; global ; SEQ ; - ; - ; repo-gcs-key-type=service|token ; set0 ; - ; -
        repo-gcs-key-type ; repo ; string-id ; global ; E ; service ; service|token|auto ; repo-type=gcs ; set0 \#
        ; - ; -
        repo-gcs-user-project ; repo ; string ; global ; E ; - ; - ; - ; set0 ; - ; -
        repo-hardlink ; repo ; boolean ; global ; NE ; n ; - ; repo-bundle=n else n ; backup[main] ; - ; hardlink
        repo-host ; repo ; string ; global ; E ; - ; - ; repo-local=n ; set1 ; - ; backup-host
        repo-host-ca-file ; repo ; string ; global ; E ; - ; - ; repo-host-type=tls ; set1 ; - ; -
        repo-host-ca-path ; repo ; string ; global ; E ; - ; - ; repo-host-type=tls ; set1 ; - ; -
        repo-host-cert-file ; repo ; string ; global ; EQ ; - ; - ; repo-host-type=tls ; set1 ; - ; -
        repo-host-cmd ; repo ; string ; global ; E ; <argv0> ; - ; repo-host-type=ssh ; set1 ; - ; backup-cmd
        repo-host-config ; repo ; string ; global ; E ; /etc/pgbackrest/pgbackrest.conf ; - ; repo-host ; set1 \#
        ; - ; backup-config
        repo-host-config-include-path ; repo ; path ; global ; E ; /etc/pgbackrest/conf.d ; - ; repo-host ; \#
        set1 ; - ; -
        repo-host-config-path ; repo ; path ; global ; E ; /etc/pgbackrest ; - ; repo-host ; set1 ; - ; -
        repo-host-key-file ; repo ; string ; global ; EQ ; - ; - ; repo-host-type=tls ; set1 ; - ; -
        repo-host-port ; repo ; integer ; global ; E ; repo-host-type:tls=8432 ; 0..65535 ; repo-host-type=ssh|\#
        tls ; set1 ; - ; backup-ssh-port
        repo-host-type ; repo ; string-id ; global ; E ; ssh ; ssh|tls ; repo-host ; set1 ; - ; -
        repo-host-user ; repo ; string ; global ; E ; pgbackrest ; - ; repo-host-type=ssh ; set1 ; - ; backup-user
        repo-local ; repo ; boolean ; global ; INE ; n ; - ; - ; set1 ; - ; -
        repo-path ; repo ; path ; global ; E ; /var/lib/pgbackrest ; - ; - ; set0 ; - ; repo-path
        repo-retention-archive ; repo ; integer ; global ; E ; - ; 1..9999999 ; - ; backup[main],expire[main] ; \#
        - ; retention-archive
        repo-retention-archive-type ; repo ; string-id ; global ; E ; full ; full|diff|incr ; - ; backup[main],\#
        expire[main] ; - ; retention-archive-type
        repo-retention-diff ; repo ; integer ; global ; E ; - ; 1..9999999 ; - ; backup[main],expire[main] ; - \#
        ; retention-diff
        repo-retention-full ; repo ; integer ; global ; E ; - ; 1..9999999 ; - ; backup[main],expire[main] ; - \#
        ; retention-full
        repo-retention-full-type ; repo ; string-id ; global ; E ; count ; count|time ; - ; backup[main],\#
        expire[main] ; - ; -
        repo-retention-history ; repo ; integer ; global ; E ; - ; 0..9999999 ; - ; backup[main],expire[main] ; \#
        - ; -
        repo-s3-bucket ; repo ; string ; global ; EQ ; - ; - ; repo-type=s3 ; set0 ; - ; repo-s3-bucket
        repo-s3-endpoint ; repo ; string ; global ; EQ ; - ; - ; repo-type=s3 ; set0 ; - ; repo-s3-endpoint
        repo-s3-key ; repo ; string ; global ; SEQ ; - ; - ; repo-s3-key-type=shared ; set0 ; - ; repo-s3-key
        repo-s3-key-secret ; repo ; string ; global ; SEQ ; - ; - ; repo-s3-key-type=shared ; set0 ; - ; \#
        repo-s3-key-secret
        repo-s3-key-type ; repo ; string-id ; global ; E ; shared ; shared|auto|web-id|pod-id|process ; \#
        repo-type=s3 ; set0 ; - ; -
        repo-s3-kms-key-id ; repo ; string ; global ; E ; - ; - ; repo-type=s3 ; set0 ; - ; -
        repo-s3-process-cmd ; repo ; list ; global ; EQ ; - ; - ; repo-s3-key-type=process ; set0 ; - ; -
        repo-s3-region ; repo ; string ; global ; EQ ; - ; - ; repo-type=s3 ; set0 ; - ; repo-s3-region
        repo-s3-requester-pays ; repo ; boolean ; global ; NE ; n ; - ; repo-type=s3 ; set0 ; - ; -
        repo-s3-role ; repo ; string ; global ; E ; - ; - ; repo-s3-key-type=auto ; set0 ; - ; -
        repo-s3-service ; repo ; string ; global ; E ; s3 ; - ; repo-type=s3 ; set0 ; - ; -
        repo-s3-sse-customer-key ; repo ; string ; global ; SE ; - ; - ; repo-type=s3 ; set0 ; - ; -
        repo-s3-sts-host ; repo ; string ; global ; E ; sts.amazonaws.com ; - ; repo-s3-key-type=web-id ; set0 \#
        ; - ; -
        repo-s3-token ; repo ; string ; global ; SE ; - ; - ; repo-s3-key-type=shared ; set0 ; - ; -
        repo-s3-uri-style ; repo ; string-id ; global ; E ; host ; host|path ; repo-type=s3 ; set0 ; - ; -
        repo-sftp-host ; repo ; string ; global ; EQ ; - ; - ; repo-type=sftp ; set0 ; - ; -
        repo-sftp-host-fingerprint ; repo ; string ; global ; E ; - ; - ; \#
        repo-sftp-host-key-check-type=fingerprint|strict ; set0 ; - ; -
        repo-sftp-host-key-check-type ; repo ; string-id ; global ; E ; strict ; accept-new|fingerprint|none|\#
        strict ; repo-type=sftp ; set0 ; - ; -
        repo-sftp-host-key-hash-type ; repo ; string-id ; global ; EQ ; - ; md5|sha1|sha256 ; repo-type=sftp ; \#
        set0 ; - ; -
        repo-sftp-host-port ; repo ; integer ; global ; E ; 22 ; 1..65535 ; repo-type=sftp ; set0 ; - ; -
        repo-sftp-host-user ; repo ; string ; global ; EQ ; - ; - ; repo-type=sftp ; set0 ; - ; -
        repo-sftp-known-host ; repo ; list ; global ; E ; - ; - ; repo-sftp-host-key-check-type=accept-new|\#
        strict ; set0 ; - ; -
        repo-sftp-private-key-file ; repo ; string ; global ; EQ ; - ; - ; repo-type=sftp ; set0 ; - ; -
        repo-sftp-private-key-passphrase ; repo ; string ; global ; SE ; - ; - ; repo-type=sftp ; set0 ; - ; -
        repo-sftp-public-key-file ; repo ; string ; global ; E ; - ; - ; repo-type=sftp ; set0 ; - ; -
        repo-storage-ca-file ; repo ; string ; global ; E ; - ; - ; repo-type=azure|gcs|s3 ; set0 ; - ; \#
        repoN-azure-ca-file,repo-s3-ca-file,repoN-s3-ca-file
        repo-storage-ca-path ; repo ; path ; global ; E ; - ; - ; repo-type=azure|gcs|s3 ; set0 ; - ; \#
        repoN-azure-ca-path,repo-s3-ca-path,repoN-s3-ca-path
        repo-storage-host ; repo ; string ; global ; E ; - ; - ; repo-type=azure|s3 ; set0 ; - ; \#
        repoN-azure-host,repo-s3-host,repoN-s3-host
        repo-storage-port ; repo ; integer ; global ; E ; 443 ; 1..65535 ; repo-type=azure|s3 ; set0 ; - ; \#
        repoN-azure-port,repoN-s3-port
        repo-storage-prefetch ; repo ; integer ; global ; E ; 3 ; 0..1024 ; repo-type=azure|gcs|s3 ; set0 ; - ; -
        repo-storage-read-over ; repo ; size ; global ; E ; 64KiB ; 0B..1MiB ; repo-type=azure|gcs|s3 ; set0 ; - ; -
        repo-storage-tag ; repo ; hash ; global ; E ; - ; - ; repo-type=azure|gcs|s3 ; set0 ; - ; -
        repo-storage-upload-chunk-size ; repo ; size ; global ; E ; repo-type:azure=4MiB,gcs=4MiB,s3=5MiB ; \#
        repo-type:azure=4MiB..1GiB,gcs=4MiB..1GiB,s3=5MiB..1GiB ; repo-type=azure|gcs|s3 ; set0 ; - ; -
        repo-storage-verify-tls ; repo ; boolean ; global ; NE ; y ; - ; repo-type=azure|gcs|s3 ; set0 ; - ; \#
        repoN-azure-verify-tls,repo-s3-verify-ssl,repoN-s3-verify-ssl,repoN-s3-verify-tls
        repo-symlink ; repo ; boolean ; global ; NE ; y ; - ; repo-type=posix else n ; backup[main],\#
        expire[main] ; - ; -
        repo-target-time ; - ; string ; global ; E ; - ; - ; - ; archive-get[main+async+local],info[main],\#
        manifest[main],repo-get[main],repo-ls[main],restore[main+local],verify[main+local] ; - ; -
        repo-type ; repo ; string-id ; global ; E ; posix ; azure|cifs|gcs|posix|s3|sftp ; - ; set0 ; - ; repo-type
        report ; - ; boolean ; command-line ; I ; n ; - ; - ; check[main] ; - ; -
        resume ; - ; boolean ; global ; NE ; y ; - ; - ; backup[main] ; - ; -
        sck-block ; - ; boolean ; global ; INE ; n ; - ; - ; set3 ; - ; -
        sck-keep-alive ; - ; boolean ; global ; NE ; y ; - ; - ; set3 ; - ; -
        set ; - ; string ; command-line ; - ; - ; - ; - ; annotate[main],expire[main],info[main],manifest[main],\#
        restore[main],verify[main] ; annotate{required=y} info{depends=stanza} manifest{default=latest; \#
        required=y} restore{default=latest; required=y} ; -
        sort ; - ; string-id ; command-line ; - ; asc ; none|asc|desc ; - ; repo-ls[main] ; - ; -
        spool-path ; - ; path ; global ; E ; /var/spool/pgbackrest ; - ; - ; archive-get[main+async+local],\#
        archive-push[main+async+local],restore[main+local] ; archive-get{depends=archive-async=y} \#
        archive-push{depends=archive-async=y} restore{internal=y} ; -
        stanza ; - ; string ; command-line ; Q ; - ; - ; - ; annotate,archive-get,archive-push,backup,check,\#
        expire,info,manifest,repo-get,repo-ls,repo-rm,restore,stanza-create,stanza-delete,stanza-upgrade,start,\#
        stop,verify ; check{required=n} info{required=n} repo-get{required=n; internal=y} repo-ls{required=n; \#
        internal=y} repo-rm{required=n; internal=y} start{required=n} stop{required=n} ; -
        start-fast ; - ; boolean ; global ; NE ; n ; - ; - ; backup[main] ; - ; -
        stop-auto ; - ; boolean ; global ; INE ; n ; - ; - ; backup[main] ; - ; -
        tablespace-map ; - ; hash ; global ; E ; - ; - ; - ; restore[main] ; - ; -
        tablespace-map-all ; - ; string ; global ; E ; - ; - ; - ; restore[main] ; - ; -
        target ; - ; string ; command-line ; Q ; - ; - ; type=lsn|name|time|xid ; restore[main] ; - ; -
        target-action ; - ; string-id ; command-line ; - ; pause ; pause|promote|shutdown ; type=immediate|lsn|\#
        name|time|xid ; restore[main] ; - ; -
        target-exclusive ; - ; boolean ; command-line ; - ; n ; - ; type=lsn|time|xid ; restore[main] ; - ; -
        target-timeline ; - ; string ; command-line ; - ; - ; - ; type=default|lsn|name|standby|time|xid ; \#
        restore[main] ; - ; -
        tcp-keep-alive-count ; - ; integer ; global ; E ; - ; 1..32 ; sck-keep-alive=y ; set3 ; - ; -
        tcp-keep-alive-idle ; - ; integer ; global ; E ; - ; 1..3600 ; sck-keep-alive=y ; set3 ; - ; -
        tcp-keep-alive-interval ; - ; integer ; global ; E ; - ; 1..900 ; sck-keep-alive=y ; set3 ; - ; -
        tls-cipher-12 ; - ; string ; global ; E ; - ; - ; - ; set3 ; - ; -
        tls-cipher-13 ; - ; string ; global ; E ; - ; - ; - ; set3 ; - ; -
        tls-server-address ; - ; string ; global ; E ; localhost ; - ; - ; server,server-ping ; - ; -
        tls-server-auth ; - ; hash ; global ; EQ ; - ; - ; - ; server ; - ; -
        tls-server-ca-file ; - ; path ; global ; EQ ; - ; - ; - ; server ; - ; -
        tls-server-cert-file ; - ; path ; global ; EQ ; - ; - ; - ; server ; - ; -
        tls-server-key-file ; - ; path ; global ; EQ ; - ; - ; - ; server ; - ; -
        tls-server-port ; - ; integer ; global ; E ; 8432 ; 1..65535 ; - ; server,server-ping ; - ; -
        type ; - ; string-id ; command-line ; Q ; - ; - ; - ; backup[main],info[main],restore[main] ; \#
        backup{default=incr; allowed=full|diff|incr} info{allowed=full|diff|incr; required=n} \#
        restore{default=default; allowed=default|preserve|immediate|standby|none|name|time|lsn|xid} ; -
        verbose ; - ; boolean ; command-line ; - ; n ; - ; - ; verify[main] ; - ; -
        version ; - ; boolean ; command-line ; - ; n ; - ; - ; help ; - ; -
        """#

    /// Columns: name, internal, roles, lock, lock at start, lock on the remote, log file, level, parameters.
    static let commands = """
        annotate ; n ; main,remote ; backup ; y ; y ; n ; info ; n
        archive-get ; n ; main,async,local,remote ; archive ; n ; n ; n ; info ; y
        archive-push ; n ; main,async,local,remote ; archive ; n ; y ; n ; info ; y
        backup ; n ; main,local,remote ; backup ; y ; y ; y ; info ; n
        check ; n ; main,remote ; none ; n ; n ; n ; info ; n
        expire ; n ; main,remote ; backup ; y ; y ; y ; info ; n
        help ; n ; main ; none ; n ; n ; n ; debug ; y
        info ; n ; main,remote ; none ; n ; n ; n ; debug ; n
        manifest ; y ; main,remote ; none ; n ; n ; n ; debug ; n
        repo-get ; n ; main,remote ; none ; n ; n ; n ; debug ; y
        repo-ls ; n ; main,remote ; none ; n ; n ; n ; debug ; y
        repo-rm ; y ; main,remote ; none ; n ; n ; n ; debug ; y
        restore ; n ; main,local,remote ; restore ; y ; n ; y ; info ; n
        server ; n ; main ; none ; n ; n ; y ; info ; n
        server-ping ; n ; main ; none ; n ; n ; n ; info ; y
        stanza-create ; n ; main,remote ; all ; y ; y ; y ; info ; n
        stanza-delete ; n ; main,remote ; all ; y ; y ; y ; info ; n
        stanza-upgrade ; n ; main,remote ; all ; y ; y ; y ; info ; n
        start ; n ; main ; none ; n ; n ; y ; info ; n
        stop ; n ; main ; none ; n ; n ; y ; info ; n
        verify ; n ; main,local,remote ; none ; n ; n ; y ; info ; n
        version ; n ; main ; none ; n ; n ; n ; debug ; n
        """
}
