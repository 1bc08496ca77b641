/// TLS, as client and as server.
extension Options {
    package static let tlsCipher12 = Option<String?>("tls-cipher-12", .string, for: .network, "ciphers for TLS 1.2")

    package static let tlsCipher13 = Option<String?>("tls-cipher-13", .string, for: .network, "ciphers for TLS 1.3")

    package static let tlsServerAddress = Option<String>(
        "tls-server-address",
        .string,
        default: "localhost",
        for: .all(.server, .serverPing),
        "address that the TLS server listens on"
    )

    package static let tlsServerAuth = Option<OptionPairs>(
        "tls-server-auth",
        .hash,
        for: .all(.server),
        flags: .required,
        "stanzas a client may see, as name=stanzas"
    )

    package static let tlsServerCaFile = Option<String?>(
        "tls-server-ca-file",
        .path,
        for: .all(.server),
        flags: .required,
        "certificates that clients may be signed with"
    )

    package static let tlsServerCertFile = Option<String?>(
        "tls-server-cert-file",
        .path,
        for: .all(.server),
        flags: .required,
        "certificate of the TLS server"
    )

    package static let tlsServerKeyFile = Option<String?>(
        "tls-server-key-file",
        .path,
        for: .all(.server),
        flags: .required,
        "key of the TLS server's certificate"
    )

    package static let tlsServerPort = Option<Int>(
        "tls-server-port",
        .integer(.from("1", to: "65535")),
        default: "8432",
        for: .all(.server, .serverPing),
        "port of the TLS server"
    )
}
