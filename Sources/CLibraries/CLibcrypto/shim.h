#ifndef ROOST_CLIBCRYPTO_SHIM_H
#define ROOST_CLIBCRYPTO_SHIM_H

/* SHA1_Init and friends are marked deprecated in 3.0 but allocate nothing and load no provider. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#endif
