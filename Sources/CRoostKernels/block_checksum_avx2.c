/* The same functions of xxHash as in block_checksum.c, compiled for other vectors. */
#include "block_checksum_avx2.h"

#ifdef HAS_AVX2_VARIANT
/* Before the attribute below: these headers need each function's own target. */
#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define XXH_INLINE_ALL
#define XXH_VECTOR XXH_AVX2
#include <xxhash.h>

void roost_block_checksum_avx2(const void *block, size_t size, uint64_t *high, uint64_t *low) {
    const XXH128_hash_t hash = XXH3_128bits(block, size);
    *high = hash.high64;
    *low = hash.low64;
}
#pragma clang attribute pop
#endif
