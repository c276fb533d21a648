// What the image encoders of this package share.
#ifndef FIAPX_CODING_H
#define FIAPX_CODING_H

#include <stddef.h>
#include <stdint.h>

// FX_WIDE marks loops that gain from wider registers than every x86-64 processor has; the C library picks the version to
// run, which only glibc can.
#if defined(__x86_64__) && defined(__GNUC__) && defined(__GLIBC__)
#define FX_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define FX_WIDE
#endif

enum { FX_MAX_SYMBOLS = 286 };

// fx_huffman gives the code length of each symbol, 0 for those that do not occur: a Huffman code cut to max bits. With fewer
// than two symbols, the first ones that do not occur join them, since a code has at least two words.
void fx_huffman(const uint32_t *freq, int symbols, int max, uint8_t *len);

#endif
