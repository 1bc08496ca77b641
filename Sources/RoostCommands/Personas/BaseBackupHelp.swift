/// What `pg-basebackup --help` tells.
enum BaseBackupHelp {
    static let text = """
        NAME
          pg-basebackup  -- make base backup from PostgreSQL instance

        SYNOPSIS
          pg-basebackup -sdfeukr
          pg-basebackup --src postgres:/// --dst . --file backup.tar.lz4

        DESCRIPTION
        -s, --src, --url     Backup source URL, optional, defaults to "postgres:///", password should be provided in url, ENV, or .pgpass if required
        -d, --dst, --dir     Location to store backup file, defaults to "/pg/backup"
        -f, --file           Override default backup filename, "backup_${tag}_${date}.tar.lz4"
        -r, --remove         Remove backup_*.lz4 files older than n minutes, defaults to 1200 (20 hours)
        -t, --tag            Backup file tag, uses target cluster name or local IP address if not set, also used for default filename
        -k, --key            Encryption key when --encrypt is specified, defaults to ${tag}; better given as PG_BASEBACKUP_KEY
        -u, --upload         Upload backup file to cloud storage: runs PG_BASEBACKUP_UPLOAD or /pg/bin/pg-upload with file and tag
        -e, --encrypt, --encryption
                             Use OpenSSL RC4 encryption, uses tag as key if not specified. It hides content, it does not protect it
            --cipher         aes-256-cbc (recommended, needs a key) or rc4; encrypts without -e too
            --dry-run        Check everything and tell what would be done
            --output         json: one object about the run on standard output; the log goes to standard error
        -h, --help           Print this help information

        EXTRACTION
          cat FILE | unlz4 -d -c | tar -xC DIR                     the directory of the server is to be DIR, then: chmod 700 DIR
          with --cipher aes-256-cbc, first:  openssl enc -d -aes-256-cbc -pbkdf2 -pass env:KEY -in FILE
          with -e, OpenSSL 3, first:         openssl enc -d -rc4 -provider legacy -provider default -pass env:KEY -in FILE
          with -e, OpenSSL 1.1, first:       openssl enc -d -rc4 -pass env:KEY -in FILE

        ENVIRONMENT
          PG_BASEBACKUP_KEY, PG_BASEBACKUP_UPLOAD, PG_BASEBACKUP_LOCK (/tmp/backup.lock), PG_BASEBACKUP_DEBUG=1, and those of libpq

        EXIT STATUS
          0 done, 1 usage, 2 destination, 3 bad --remove, 4 no pg_basebackup, 8 another run, 9 backup failed, 10 removal failed,
          11 not uploaded, 128+n after signal n

        """
}
