package import RoostSystem

extension ResolvedOptions {
    /// Applies the rules in which several options take part.
    ///
    /// They come after the begin line and the lock.
    ///
    /// - Returns: Warnings to log now.
    package mutating func applyRules() throws(RoostError) -> [String] {
        guard purpose == .run, command != .version else { return [] }
        var warnings: [String] = []
        try checkRepositoryIsChosen()
        try checkRepositoryPaths()
        try balanceTimeouts()
        try checkHosts()
        for index in repoIndexes where isValid(Options.repoRetentionFullType) {
            warnings += fullRetentionWarning(index)
        }
        for index in repoIndexes where isValid(Options.repoRetentionArchive) {
            warnings += deriveArchiveRetention(index)
        }
        for index in repoIndexes { try checkBucket(index) }
        warnings += replaceCompress()
        for index in repoIndexes { warnings += try checkFingerprint(index) }
        try checkCommandOptions()
        if isValid(Options.stopAuto), source(of: Options.stopAuto) != .defaultValue {
            warnings.append(
                """
                option 'stop-auto' is deprecated
                HINT: all supported versions use non-exclusive backup.
                HINT: stop using this option to avoid an error when it is removed.
                """
            )
        }
        return warnings
    }

    private func checkRepositoryIsChosen() throws(RoostError) {
        guard command == .stanzaDelete, selectedRepo == nil, repoIndexes != [1] else { return }
        throw RoostError(
            .optionRequired,
            "\(command.name) command requires option: repo",
            hints: ["this command requires a specific repository to operate on"]
        )
    }

    /// Two repositories in one directory would destroy each other.
    private func checkRepositoryPaths() throws(RoostError) {
        guard repoIndexes.count > 1, isValid(Options.repoType) else { return }
        var seen: [(index: Int, type: String, path: String)] = []
        for index in repoIndexes where !isSet(Options.repoHost, index) {
            let type = self[Options.repoType, index]
            guard type == "posix" || type == "cifs" else { continue }
            let path = self[Options.repoPath, index]
            if let twin = seen.first(where: { $0.type == type && $0.path == path }) {
                throw RoostError(
                    .optionInvalidValue,
                    "local repo\(twin.index) and repo\(index) paths are both '\(path)' but must be different"
                )
            }
            seen.append((index, type, path))
        }
    }

    /// A query must time out before the process that waits for it does.
    private mutating func balanceTimeouts() throws(RoostError) {
        guard isValid(Options.dbTimeout), isValid(Options.protocolTimeout) else { return }
        let query = self[Options.dbTimeout]
        let process = self[Options.protocolTimeout]
        guard process <= query else { return }
        if source(of: Options.protocolTimeout) == .defaultValue {
            derive(Options.protocolTimeout, query + 30_000)
        } else if source(of: Options.dbTimeout) == .defaultValue {
            derive(Options.dbTimeout, process - 30_000 >= 15_000 ? process - 30_000 : process / 2)
        } else {
            let texts = (text(of: Options.protocolTimeout) ?? "", text(of: Options.dbTimeout) ?? "")
            throw RoostError(
                .optionInvalidValue,
                """
                '\(texts.0)' is not valid for 'protocol-timeout' option
                HINT 'protocol-timeout' option (\(texts.0)) should be greater than 'db-timeout' option (\(texts.1)).
                """
            )
        }
    }

    private func checkHosts() throws(RoostError) {
        guard pgIndexes.contains(where: { isSet(Options.pgHost, $0) }),
            repoIndexes.contains(where: { isSet(Options.repoHost, $0) })
        else { return }
        throw RoostError(.config, "pg and repo hosts cannot both be configured as remote")
    }

    private func fullRetentionWarning(_ index: Int) -> [String] {
        guard !isSet(Options.repoRetentionFull, index) else { return [] }
        let name = Options.repoRetentionFull.declaration.name(at: index)
        let type = Options.repoRetentionFullType.declaration.name(at: index)
        return [
            """
            option '\(name)' is not set for '\(type)=\(self[Options.repoRetentionFullType, index])', \
            the repository may run out of space
            HINT: to retain full backups indefinitely (without warning), set option '\(name)' to the maximum.
            """
        ]
    }

    private mutating func deriveArchiveRetention(_ index: Int) -> [String] {
        let archive = Options.repoRetentionArchive.declaration.name(at: index)
        let diff = Options.repoRetentionDiff.declaration.name(at: index)
        let typeName = Options.repoRetentionArchiveType.declaration.name(at: index)
        let type = self[Options.repoRetentionArchiveType, index]
        if isSet(Options.repoRetentionArchive, index) {
            guard type == "diff", !isSet(Options.repoRetentionDiff, index) else { return [] }
            return [
                """
                option '\(diff)' is not set for '\(typeName)=diff'
                HINT: to retain differential backups indefinitely (without warning), set option '\(diff)' to the maximum.
                """
            ]
        }
        let refusal = "WAL segments will not be expired: option '\(typeName)=\(type)' but"
        switch type {
        case "full":
            // By age, only the command knows how many backups are left.
            if self[Options.repoRetentionFullType, index] == "count", let full = self[Options.repoRetentionFull, index]
            {
                derive(Options.repoRetentionArchive, Int64(full), index)
            }
            return []
        case "diff":
            guard let count = self[Options.repoRetentionDiff, index] else {
                return ["\(refusal) neither option '\(archive)' nor option '\(diff)' is set"]
            }
            derive(Options.repoRetentionArchive, Int64(count), index)
            return []
        default:
            return ["\(refusal) option '\(archive)' is not set"]
        }
    }

    private func checkBucket(_ index: Int) throws(RoostError) {
        guard let bucket = self[Options.repoS3Bucket, index], bucket.contains("."),
            self[Options.repoStorageVerifyTls, index] == true, self[Options.repoS3UriStyle, index] == "host"
        else { return }
        throw RoostError(
            .optionInvalidValue,
            "'\(bucket)' is not valid for option '\(Options.repoS3Bucket.declaration.name(at: index))'",
            hints: [
                "RFC-2818 forbids dots in wildcard matches.",
                "TLS/SSL verification cannot proceed with this bucket name.",
                "remove dots from the bucket name.",
            ]
        )
    }

    /// `compress=n` is what `compress-type=none` was called once.
    private mutating func replaceCompress() -> [String] {
        guard isValid(Options.compress) else { return [] }
        defer { slots[Options.position(of: Options.compress.declaration)] = Slot() }
        guard source(of: Options.compress) != .defaultValue else { return [] }
        guard source(of: Options.compressType) == .defaultValue else {
            return [
                """
                'compress' and 'compress-type' options should not both be set
                HINT: 'compress-type' is preferred and 'compress' is deprecated.
                """
            ]
        }
        if !self[Options.compress] {
            assign("none", to: Options.compressType)
            derive(Options.compressLevel, 0)
        }
        return []
    }

    private mutating func checkFingerprint(_ index: Int) throws(RoostError) -> [String] {
        guard let check = self[Options.repoSftpHostKeyCheckType, index] else { return [] }
        let name = Options.repoSftpHostFingerprint.declaration.name(at: index)
        let checkName = Options.repoSftpHostKeyCheckType.declaration.name(at: index)
        guard isSet(Options.repoSftpHostFingerprint, index) else {
            guard check != "fingerprint" else {
                throw RoostError(.optionRequired, "\(command.name) command requires option: \(name)")
            }
            return []
        }
        if source(of: Options.repoSftpHostKeyCheckType, index) == .defaultValue {
            replace(
                Options.repoSftpHostKeyCheckType,
                ResolvedValue(data: .text("fingerprint"), text: "fingerprint"),
                index
            )
            return [
                """
                option '\(name)' without option '\(checkName)' = 'fingerprint' is deprecated
                HINT: set option '\(checkName)=fingerprint'
                """
            ]
        }
        guard check == "fingerprint" else {
            throw RoostError(
                .optionInvalid,
                "option '\(name)' not valid without option '\(checkName)' = 'fingerprint'"
            )
        }
        return []
    }

    private func checkCommandOptions() throws(RoostError) {
        if isSet(Options.repoTargetTime), source(of: Options.repo) == .defaultValue {
            throw RoostError(.optionInvalid, "option 'repo-target-time' not valid without option 'repo'")
        }
        if command == .expire, isSet(Options.set), self[Options.oldest] {
            throw RoostError(.optionInvalid, "--oldest and --set cannot be used together")
        }
        if command == .info, isSet(Options.set), self[Options.detailLevel] == "progress" {
            throw RoostError(.optionInvalid, "option 'set' cannot be used with option 'detail-level' = 'progress'")
        }
    }

    /// Gives an option a number that nobody chose.
    private mutating func derive(_ option: Option<some OptionValue>, _ number: Int64, _ index: Int? = nil) {
        var text = "\(number)"
        if case .time = option.declaration.kind { text += "ms" }
        replace(option, ResolvedValue(data: .number(number), text: text), index)
    }

    private mutating func replace(_ option: Option<some OptionValue>, _ value: ResolvedValue, _ index: Int?) {
        let declaration = option.declaration
        let group = declaration.group.map { indexes[Int($0.rawValue)] } ?? [1]
        guard let place = index.map({ group.firstIndex(of: $0) }) ?? 0 else { return }
        slots[Options.position(of: declaration)].entries[place] = value
    }
}
