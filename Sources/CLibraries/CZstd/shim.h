/* The buffer-less functions, which compress out of a buffer of ours. */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
