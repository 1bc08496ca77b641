/// The complete worked example of the specification `info-files`, section 9.
enum Example {
    static let archiveInfo = Array(
        #"""
        [backrest]
        backrest-format=5
        backrest-version="2.60.0dev"

        [db]
        db-id=1
        db-system-id=7000000000000000001
        db-version="15"

        [db:history]
        1={"db-id":7000000000000000001,"db-version":"15"}

        [backrest]
        backrest-checksum="39b87f7aa01a9dc50f6ea894d7200f3607e11570"

        """#.utf8)

    static let backupInfo = Array(
        #"""
        [backrest]
        backrest-format=5
        backrest-version="2.60.0dev"

        [backup:current]
        20260102-030405F={"backrest-format":5,"backrest-version":"2.60.0dev",\#
        "backup-archive-start":"000000010000000000000002","backup-archive-stop":"000000010000000000000002",\#
        "backup-error":false,"backup-info-repo-size":3,"backup-info-repo-size-delta":3,"backup-info-size":3,\#
        "backup-info-size-delta":3,"backup-lsn-start":"0/2000028","backup-lsn-stop":"0/2000100",\#
        "backup-timestamp-start":1767323045,"backup-timestamp-stop":1767323047,"backup-type":"full","db-id":1,\#
        "option-archive-check":true,"option-archive-copy":false,"option-backup-standby":false,\#
        "option-checksum-page":false,"option-compress":false,"option-hardlink":false,"option-online":true}

        [db]
        db-catalog-version=202209061
        db-control-version=1300
        db-id=1
        db-system-id=7000000000000000001
        db-version="15"

        [db:history]
        1={"db-catalog-version":202209061,"db-control-version":1300,"db-system-id":7000000000000000001,\#
        "db-version":"15"}

        [backrest]
        backrest-checksum="6f515f6ea90da38e60f3bd2d5f2bd43126c1df61"

        """#.utf8)

    static let manifest = Array(
        #"""
        [backrest]
        backrest-format=5
        backrest-version="2.60.0dev"

        [backup]
        backup-archive-start="000000010000000000000002"
        backup-archive-stop="000000010000000000000002"
        backup-label="20260102-030405F"
        backup-lsn-start="0/2000028"
        backup-lsn-stop="0/2000100"
        backup-reference="20260102-030405F"
        backup-timestamp-copy-start=1767323046
        backup-timestamp-start=1767323045
        backup-timestamp-stop=1767323047
        backup-type="full"

        [backup:db]
        db-catalog-version=202209061
        db-control-version=1300
        db-id=1
        db-system-id=7000000000000000001
        db-version="15"

        [backup:option]
        option-archive-check=true
        option-archive-copy=false
        option-backup-standby=false
        option-buffer-size=1048576
        option-checksum-page=false
        option-compress=false
        option-compress-level=0
        option-compress-level-network=1
        option-compress-type="none"
        option-delta=false
        option-hardlink=false
        option-online=true
        option-process-max=1

        [backup:target]
        pg_data={"path":"/var/lib/postgresql/15/main","type":"path"}

        [db]
        postgres={"db-id":5,"db-last-system-id":4}

        [target:file]
        pg_data/PG_VERSION={"checksum":"587b596f04f7db9c2cad3d6b87dd2b3a05de4f35","size":3,"timestamp":1767323000}
        pg_data/empty={"mode":"0644","size":0,"timestamp":1767323001}

        [target:file:default]
        group="postgres"
        mode="0600"
        user="postgres"

        [target:path]
        pg_data={}
        pg_data/global={}
        pg_data/pg_wal={}

        [target:path:default]
        group="postgres"
        mode="0700"
        user="postgres"

        [backrest]
        backrest-checksum="a01e026ca01f19927dd8d88d4de458bd9dd59933"

        """#.utf8)
}
