internal import RoostFormat
internal import RoostSystem

/// Whom restored files belong to (specification `restore`, section 7).
struct RestoreOwners: Sendable {
    /// Numeric, by position in the manifest's list; used only as root.
    private let users: [UInt32]
    private let groups: [UInt32]
    private let index: [Owner: Int]
    private let isRoot = CurrentProcess.isRoot

    init(_ manifest: Manifest, dataDirectory: String, _ log: any Log) throws(RoostError) {
        let existing = try FileStatus.of(dataDirectory, followingLinks: true)
        var (users, groups): ([UInt32], [UInt32]) = ([], [])
        let paths = manifest.paths.values.flatMap { [$0.user, $0.group] }
        let links = manifest.links.values.flatMap { [$0.user, $0.group] }
        let others = Set(paths + links).subtracting(manifest.owners)
        for owner in manifest.owners + others {
            switch owner {
            case .unknown:
                users.append(existing?.owner ?? 0)
                groups.append(existing?.group ?? 0)
            case .name(let name):
                users.append(AccountNames.userID(name) ?? CurrentProcess.effectiveUser)
                groups.append(AccountNames.groupID(name) ?? CurrentProcess.effectiveGroup)
            }
        }
        (self.users, self.groups) = (users, groups)
        index = Dictionary(uniqueKeysWithValues: zip(manifest.owners + others, 0...))
        if !isRoot { Self.warn(manifest, log) }
    }

    /// Sets owner and group of a path, as root only.
    func apply(_ path: String, _ user: Owner, _ group: Owner) throws(RoostError) {
        guard isRoot, let user = index[user], let group = index[group] else { return }
        try set(path, users[user], groups[group])
    }

    /// Sets owner and group by their positions in the manifest's list, as root only.
    func apply(_ path: String, user: UInt8, group: UInt8) throws(RoostError) {
        guard isRoot else { return }
        try set(path, users[Int(user)], groups[Int(group)])
    }

    private func set(_ path: String, _ user: UInt32, _ group: UInt32) throws(RoostError) {
        if let status = try FileStatus.of(path), status.owner == user, status.group == group { return }
        try FileSystem.setOwner(path, owner: user, group: group)
    }

    private static func warn(_ manifest: Manifest, _ log: any Log) {
        var accounts = AccountNames()
        let root = manifest.paths[Manifest.dataDirectory]
        if case .name(let user) = root?.user, accounts.user(CurrentProcess.effectiveUser) != user {
            log.warn("user '\(user)' in backup manifest mapped to current user")
        }
        if case .name(let group) = root?.group, accounts.group(CurrentProcess.effectiveGroup) != group {
            log.warn("group '\(group)' in backup manifest mapped to current group")
        }
    }
}
