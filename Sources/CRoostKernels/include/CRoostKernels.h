#ifndef ROOST_KERNELS_H
#define ROOST_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* The checksum that PostgreSQL stores at byte 8 of a data page. Bytes 8 and 9 of the page do not count.
 *
 * page_size: a multiple of 128. The page needs no alignment. */
uint16_t roost_page_checksum(const void *page, uint32_t page_size, uint32_t page_number);

/* Finds the invalid ones among consecutive data pages.
 *
 * A page is valid if it is all zero or if its stored checksum is right. header_check: whether headers are readable (not
 * encrypted); then a page that is not all zero and has no upper bound of free space is invalid whatever its checksum.
 *
 * Returns the number of invalid pages; the numbers of the first bad_capacity of them are stored in bad, rising. */
size_t roost_pages_check(
    const void *pages, size_t page_count, uint32_t page_size, uint32_t first_page_number, int header_check, uint32_t *bad,
    size_t bad_capacity);

/* XXH3-128 with seed 0, whose first bytes identify a block in a block map. */
void roost_block_checksum(const void *block, size_t size, uint64_t *high, uint64_t *low);
/* The same on any processor: what the other is compared with. */
void roost_block_checksum_portable(const void *block, size_t size, uint64_t *high, uint64_t *low);

#endif
