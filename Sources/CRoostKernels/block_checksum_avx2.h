#include "CRoostKernels.h"

#ifdef __x86_64__
#define HAS_AVX2_VARIANT
void roost_block_checksum_avx2(const void *block, size_t size, uint64_t *high, uint64_t *low);
#endif
