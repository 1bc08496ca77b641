internal import RoostFormat
internal import RoostSystem

/// Whom restored files belong to (specification `restore`, section 7).
///
/// As root, to the owners of the manifest; else to the user who runs the restore, whatever the manifest says.
struct RestoreOwners: Sendable {
    /// Numeric, by position in the manifest's list.
    private let users: [UInt32]
    private let groups: [UInt32]
    private let index: [Owner: Int]
    private let isRoot: Bool
    /// Who runs the restore.
    private let user: UInt32
    private let group: UInt32
    /// What is to be told about owners that this host does not have.
    let warnings: [String]

    init(_ manifest: Manifest, dataDirectory: String) throws(RoostError) {
        let (isRoot, user, group) = (
            CurrentProcess.isRoot, CurrentProcess.effectiveUser, CurrentProcess.effectiveGroup
        )
        (self.isRoot, self.user, self.group) = (isRoot, user, group)
        let existing = try FileStatus.of(dataDirectory, followingLinks: true)
        var names = AccountNames()
        let unknownUser = existing?.owner ?? 0
        let unknownGroup = existing?.group ?? 0
        let others = Set(
            manifest.paths.values.flatMap { [$0.user, $0.group] }
                + manifest.links.values.flatMap { [$0.user, $0.group] }
        ).subtracting(manifest.owners)
        let owners = manifest.owners + others
        var (users, groups): ([UInt32], [UInt32]) = ([], [])
        for owner in owners {
            switch owner {
            case .unknown:
                users.append(unknownUser)
                groups.append(unknownGroup)
            case .name(let name):
                users.append(AccountNames.userID(name) ?? user)
                groups.append(AccountNames.groupID(name) ?? group)
            }
        }
        (self.users, self.groups) = (users, groups)
        index = Dictionary(uniqueKeysWithValues: zip(owners, 0...))
        let mappedUnknown = [
            names.user(unknownUser) ?? "\(unknownUser)", names.group(unknownGroup) ?? "\(unknownGroup)",
        ]
        let current = [names.user(user), names.group(group)]
        warnings = Self.owners(of: manifest).enumerated().flatMap { place, found in
            Self.warnings(found, place == 0 ? "user" : "group", isRoot ? mappedUnknown[place] : nil, current[place])
        }
    }

    /// Gives a file, link or directory that the restore made to its owner.
    func apply(_ path: String, _ user: Owner, _ group: Owner) throws(RoostError) {
        guard isRoot, let user = index[user], let group = index[group] else { return }
        try set(path, users[user], groups[group])
    }

    /// The same, with owners by their positions in the manifest's list.
    func apply(_ path: String, user: UInt8, group: UInt8) throws(RoostError) {
        guard isRoot else { return }
        try set(path, users[Int(user)], groups[Int(group)])
    }

    /// Gives what was there before the restore to its owner, with the means of the user who runs it.
    ///
    /// - Throws: ``ErrorCode/fileOwner`` where another user's file cannot be taken over.
    func correct(_ path: String, _ status: FileStatus, _ user: Owner, _ group: Owner) throws(RoostError) {
        guard let user = index[user], let group = index[group] else { return }
        try correct(path, status, user, group)
    }

    /// The same, with owners by their positions in the manifest's list.
    func correct(_ path: String, _ status: FileStatus, user: UInt8, group: UInt8) throws(RoostError) {
        try correct(path, status, Int(user), Int(group))
    }

    private func correct(_ path: String, _ status: FileStatus, _ user: Int, _ group: Int) throws(RoostError) {
        let (owner, ownerGroup) = isRoot ? (users[user], groups[group]) : (self.user, self.group)
        guard status.owner != owner || status.group != ownerGroup else { return }
        try FileSystem.setOwner(path, owner: owner, group: ownerGroup)
    }

    private func set(_ path: String, _ user: UInt32, _ group: UInt32) throws(RoostError) {
        // New files belong to whoever makes them.
        if user == self.user, group == self.group { return }
        try FileSystem.setOwner(path, owner: user, group: group)
    }

    /// The users and the groups that a manifest names.
    private static func owners(of manifest: Manifest) -> [Set<Owner>] {
        var users = Set(manifest.paths.values.map(\.user) + manifest.links.values.map(\.user))
        var groups = Set(manifest.paths.values.map(\.group) + manifest.links.values.map(\.group))
        var (seenUsers, seenGroups): (Set<UInt8>, Set<UInt8>) = ([], [])
        for index in 0..<manifest.files.count {
            let file = manifest.files[index]
            if seenUsers.insert(file.user).inserted { users.insert(manifest.owners[Int(file.user)]) }
            if seenGroups.insert(file.group).inserted { groups.insert(manifest.owners[Int(file.group)]) }
        }
        return [users, groups]
    }

    /// - Parameters:
    ///   - mapped: As root, to whom what has no name goes; nil for a plain user, to whom everything goes.
    ///   - current: The name of the user or group that runs the restore.
    private static func warnings(_ owners: Set<Owner>, _ kind: String, _ mapped: String?, _ current: String?)
        -> [String]
    {
        var lines: [String] = []
        if owners.contains(.unknown) {
            let target = mapped.map { "'\($0)'" } ?? "current \(kind)"
            lines.append("unknown \(kind) in backup manifest mapped to \(target)")
        }
        guard mapped == nil else { return lines }
        let names = owners.compactMap { owner in
            if case .name(let name) = owner, name != current { name } else { nil as String? }
        }
        return lines + names.sorted().map { "unknown \(kind) '\($0)' in backup manifest mapped to current \(kind)" }
    }
}
