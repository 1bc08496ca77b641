/* PostgreSQL's data page checksum, many pages per call.
 *
 * A page is read as rows of 32 words of 32 bits. Each of 32 lanes folds the words of its column into a hash (FNV-1a with a
 * shift added); at the end the lanes are joined. Lanes are independent, so a row is one step of a vector: the compiler
 * splits the 128-byte vector type below into the registers that each clone's processor has. */
#include "CRoostKernels.h"

#include <string.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
/* Clones are chosen before the sanitizer's runtime is ready, which its checks in the chooser do not survive. */
#define ONE_PROCESSOR
#endif
#endif

#if defined(__x86_64__) && !defined(ONE_PROCESSOR)
/* No AVX-512 clone: half as many, slower multiplications leave less to overlap (measured 16 against 20 GB/s). */
#define PER_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define PER_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 32, ROW = LANES * sizeof(uint32_t) };
enum { CHECKSUM_OFFSET = 8, UPPER_OFFSET = 14 };

typedef uint32_t lanes __attribute__((vector_size(ROW)));
/* As above, at any address and over memory of any type. */
typedef uint32_t stored_lanes __attribute__((vector_size(ROW), aligned(1), may_alias));

static const uint32_t PRIME = 16777619;
static const lanes SEED = {
    0x5b1f36e9, 0xb8525960, 0x02ab50aa, 0x1de66d2a, 0x79ff467a, 0x9bb9f8a3, 0x217e7cd2, 0x83e13d2c,
    0xf8d4474f, 0xe39eb970, 0x42c6ae16, 0x993216fa, 0x7b093b5d, 0x98daff3c, 0xf718902a, 0x0b1c9cdb,
    0xe58f764b, 0x187636bc, 0x5d7b3bb1, 0xe73de7de, 0x92bec979, 0xcca6c0b2, 0x304a0979, 0x85aa43d4,
    0x783125bb, 0x6ca8eaa2, 0xe407eac6, 0x4b5cfc3e, 0x9fbf8c76, 0x15ca20be, 0xf2ca9fd3, 0x959bd756,
};

INLINE uint16_t load16(const uint8_t *bytes) {
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

INLINE void fold(lanes *state, const lanes *words) {
    const lanes mixed = *state ^ *words;
    *state = mixed * PRIME ^ mixed >> 17;
}

INLINE uint16_t checksum(const uint8_t *page, uint32_t page_size, uint32_t page_number) {
    lanes state = SEED;
    lanes words;
    memcpy(&words, page, ROW);
    words[CHECKSUM_OFFSET / sizeof(uint32_t)] &= 0xFFFF0000; /* the stored checksum counts as zero */
    fold(&state, &words);
    for (uint32_t offset = ROW; offset < page_size; offset += ROW) {
        words = *(const stored_lanes *)(page + offset);
        fold(&state, &words);
    }
    words = (lanes){0};
    fold(&state, &words);
    fold(&state, &words);

    uint32_t joined = page_number;
    for (int lane = 0; lane < LANES; lane++) joined ^= state[lane];
    return (uint16_t)(joined % 65535 + 1);
}

INLINE int is_zero(const uint8_t *page, uint32_t page_size) {
    return page[0] == 0 && memcmp(page, page + 1, page_size - 1) == 0;
}

PER_PROCESSOR
uint16_t roost_page_checksum(const void *page, uint32_t page_size, uint32_t page_number) {
    return checksum(page, page_size, page_number);
}

PER_PROCESSOR
size_t roost_pages_check(
    const void *pages, size_t page_count, uint32_t page_size, uint32_t first_page_number, int header_check, uint32_t *bad,
    size_t bad_capacity) {
    size_t found = 0;
    for (size_t index = 0; index < page_count; index++) {
        const uint8_t *page = (const uint8_t *)pages + index * page_size;
        const uint32_t number = first_page_number + (uint32_t)index;
        const uint16_t stored = load16(page + CHECKSUM_OFFSET);
        /* Zero here is what a page that was never written has, and nothing that is written: a checksum is never zero. */
        const int unwritten = header_check ? load16(page + UPPER_OFFSET) == 0 : stored == 0;
        if (unwritten ? is_zero(page, page_size) : stored == checksum(page, page_size, number)) continue;
        if (found < bad_capacity) bad[found] = number;
        found++;
    }
    return found;
}
