/// Every option there is, as typed keys; the other files of this directory declare them by theme.
package enum Options {
    /// All declarations in byte order of their names, which is the order of logs and of sub-process arguments.
    package static let all: [OptionDeclaration] = [
        allowRoot.declaration, annotation.declaration, archiveAsync.declaration, archiveCheck.declaration,
        archiveCopy.declaration, archiveExpireBefore.declaration, archiveGetQueueMax.declaration,
        archiveHeaderCheck.declaration, archiveMissingRetry.declaration, archiveMode.declaration,
        archiveModeCheck.declaration, archivePushBatchSize.declaration, archivePushQueueMax.declaration,
        archiveTimeout.declaration, backupStandby.declaration, beta.declaration, bufferSize.declaration,
        checksumPage.declaration, cmd.declaration, cmdSsh.declaration, compress.declaration,
        compressLevel.declaration, compressLevelNetwork.declaration, compressType.declaration, config.declaration,
        configIncludePath.declaration, configPath.declaration, dbExclude.declaration, dbInclude.declaration,
        dbTimeout.declaration, delta.declaration, detailLevel.declaration, dryRun.declaration, exclude.declaration,
        execId.declaration, expireAuto.declaration, filter.declaration, configurationFor.declaration,
        force.declaration, fsyncMethod.declaration, help.declaration, ignoreMissing.declaration,
        ioTimeout.declaration, jobRetry.declaration, jobRetryInterval.declaration, linkAll.declaration,
        linkMap.declaration, lock.declaration, lockPath.declaration, logLevelConsole.declaration,
        logLevelFile.declaration, logLevelStderr.declaration, logPath.declaration, logSubprocess.declaration,
        logTimestamp.declaration, manifestSaveThreshold.declaration, neutralUmask.declaration, oldest.declaration,
        online.declaration, output.declaration, pageHeaderCheck.declaration, pg.declaration, pgDatabase.declaration,
        pgHost.declaration, pgHostCaFile.declaration, pgHostCaPath.declaration, pgHostCertFile.declaration,
        pgHostCmd.declaration, pgHostConfig.declaration, pgHostConfigIncludePath.declaration,
        pgHostConfigPath.declaration, pgHostKeyFile.declaration, pgHostPort.declaration, pgHostType.declaration,
        pgHostUser.declaration, pgLocal.declaration, pgPath.declaration, pgPort.declaration, pgSocketPath.declaration,
        pgUser.declaration, pgVersionForce.declaration, priority.declaration, process.declaration,
        processMax.declaration, protocolTimeout.declaration, raw.declaration, recoveryOption.declaration,
        recurse.declaration, reference.declaration, remoteType.declaration, repo.declaration,
        repoAzureAccount.declaration, repoAzureContainer.declaration, repoAzureEndpoint.declaration,
        repoAzureKey.declaration, repoAzureKeyType.declaration, repoAzureUriStyle.declaration, repoBlock.declaration,
        repoBlockAgeMap.declaration, repoBlockChecksumSizeMap.declaration, repoBlockSizeMap.declaration,
        repoBlockSizeSuper.declaration, repoBlockSizeSuperFull.declaration, repoBundle.declaration,
        repoBundleLimit.declaration, repoBundleSize.declaration, repoCipherPass.declaration,
        repoCipherType.declaration, repoGcsBucket.declaration, repoGcsEndpoint.declaration, repoGcsKey.declaration,
        repoGcsKeyType.declaration, repoGcsUserProject.declaration, repoHardlink.declaration, repoHost.declaration,
        repoHostCaFile.declaration, repoHostCaPath.declaration, repoHostCertFile.declaration, repoHostCmd.declaration,
        repoHostConfig.declaration, repoHostConfigIncludePath.declaration, repoHostConfigPath.declaration,
        repoHostKeyFile.declaration, repoHostPort.declaration, repoHostType.declaration, repoHostUser.declaration,
        repoLocal.declaration, repoPath.declaration, repoRetentionArchive.declaration,
        repoRetentionArchiveType.declaration, repoRetentionDiff.declaration, repoRetentionFull.declaration,
        repoRetentionFullType.declaration, repoRetentionHistory.declaration, repoS3Bucket.declaration,
        repoS3Endpoint.declaration, repoS3Key.declaration, repoS3KeySecret.declaration, repoS3KeyType.declaration,
        repoS3KmsKeyId.declaration, repoS3ProcessCmd.declaration, repoS3Region.declaration,
        repoS3RequesterPays.declaration, repoS3Role.declaration, repoS3Service.declaration,
        repoS3SseCustomerKey.declaration, repoS3StsHost.declaration, repoS3Token.declaration,
        repoS3UriStyle.declaration, repoSftpHost.declaration, repoSftpHostFingerprint.declaration,
        repoSftpHostKeyCheckType.declaration, repoSftpHostKeyHashType.declaration, repoSftpHostPort.declaration,
        repoSftpHostUser.declaration, repoSftpKnownHost.declaration, repoSftpPrivateKeyFile.declaration,
        repoSftpPrivateKeyPassphrase.declaration, repoSftpPublicKeyFile.declaration, repoStorageCaFile.declaration,
        repoStorageCaPath.declaration, repoStorageHost.declaration, repoStoragePort.declaration,
        repoStoragePrefetch.declaration, repoStorageReadOver.declaration, repoStorageTag.declaration,
        repoStorageUploadChunkSize.declaration, repoStorageVerifyTls.declaration, repoSymlink.declaration,
        repoTargetTime.declaration, repoType.declaration, report.declaration, resume.declaration,
        sckBlock.declaration, sckKeepAlive.declaration, set.declaration, sort.declaration, spoolPath.declaration,
        stanza.declaration, startFast.declaration, stopAuto.declaration, tablespaceMap.declaration,
        tablespaceMapAll.declaration, target.declaration, targetAction.declaration, targetExclusive.declaration,
        targetTimeline.declaration, tcpKeepAliveCount.declaration, tcpKeepAliveIdle.declaration,
        tcpKeepAliveInterval.declaration, tlsCipher12.declaration, tlsCipher13.declaration,
        tlsServerAddress.declaration, tlsServerAuth.declaration, tlsServerCaFile.declaration,
        tlsServerCertFile.declaration, tlsServerKeyFile.declaration, tlsServerPort.declaration, type.declaration,
        verbose.declaration, version.declaration,
    ]

    /// The place in ``all`` of the option with exactly that name, without index.
    static func position(of name: some StringProtocol) -> Int? {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < all.count && all[low].name == name ? low : nil
    }

    static func position(of declaration: OptionDeclaration) -> Int {
        guard let place = position(of: declaration.name) else {
            preconditionFailure("option '\(declaration.name)' is missing from Options.all")
        }
        return place
    }
}
