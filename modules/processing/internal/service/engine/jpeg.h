// Between the two halves of the JPEG encoder: samples to quantised coefficients, and these to a file.
#ifndef FIAPX_JPEG_H
#define FIAPX_JPEG_H

#include <stddef.h>
#include <stdint.h>
#include <libavutil/frame.h>

#include "shim.h"

enum {
	FX_SPAN = 128,          // samples of a row that are worked on at a time: they, and what is made of them, fit in the first-level cache
	FX_BLOCKS = FX_SPAN / 8 // of which a span of eight rows has as many
};

// How samples become full range: limited range of luma and of chroma is stretched, gray-blue or full range stays.
enum { FX_FULL, FX_LUMA, FX_CHROMA };

// fx_steps are the quantiser's, and what turns dividing by them into multiplying.
typedef struct fx_steps {
	uint8_t step[64];                                     // as the file lists them, but in natural order
	uint16_t inverse[8 * FX_SPAN] __attribute__((aligned(32))), round[8 * FX_SPAN] __attribute__((aligned(32))); // for each block of a span
	int16_t cosine[8];                                    // of k pi/16 in Q15
} fx_steps;

// fx_span holds the blocks of one span. Coefficient (u across, v down) of block b is at u * FX_SPAN + 8 * b + v.
typedef struct fx_span {
	int16_t level[8 * FX_SPAN] __attribute__((aligned(32))); // below 256 either way; DC's are in dc
	uint8_t used[8][FX_BLOCKS];                              // which of a block's 8 levels of equal u are not 0, one bit each
	int16_t dc[FX_BLOCKS];
} fx_span;

void fx_steps_for(fx_steps *s, int scale);
// fx_jpeg_blocks transforms and quantises columns samples (a multiple of 16, up to FX_SPAN) of eight rows.
void fx_jpeg_blocks(const fx_steps *s, const uint8_t *const row[8], int columns, int range, fx_span *out);

// The value of a number with n bits of magnitude is 2^n - 1 plus the n bits that JPEG sends for it (T.81 F.1.2.1): 0 is 0,
// -1 is 1, 1 is 2, -3 is 3.
//
// A token is what one Huffman code and the bits behind it say: a coefficient's zeros before it (0 to 15) * FX_ROW + its value,
// or FX_DC + the difference's value. Chroma has the same again from FX_KIND on. Values are below 511; rows are a little
// longer, lest the commonest tokens, those at their beginnings, compete for the same places of the cache.
enum { FX_ROW = 512 + 16, FX_END_OF_BLOCK = 0, FX_SIXTEEN_ZEROS = 15 * FX_ROW, FX_DC = 16 * FX_ROW, FX_KIND = 17 * FX_ROW };

struct fx_jpeg {
	int quality;
	fx_steps steps;
	uint64_t order[8][256]; // bits of fx_span.used, as bits in zigzag order
	uint16_t place[64];     // of a coefficient in fx_span.level, in zigzag order
	uint16_t value[512];    // of a number, from -256 on: its sign, size and bits in one
	uint16_t *tokens;
	size_t count, room;
	uint32_t seen[2 * FX_KIND]; // how often each token occurs
	uint32_t send[2 * FX_KIND]; // its bits << 8 | their number, at most 16 + 8
};

// fx_jpeg_tokens fills tokens and seen from the picture; full says that its samples have the full range already.
int fx_jpeg_tokens(fx_jpeg *j, const AVFrame *f, int full);

#endif
