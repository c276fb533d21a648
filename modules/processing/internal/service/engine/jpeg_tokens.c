// The middle of the JPEG encoder: coefficients to tokens, in the order of the file, and how often each token occurs.
#include "jpeg.h"

#include <string.h>
#include <libavutil/common.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>

typedef struct plane {
	const uint8_t *data;
	ptrdiff_t stride;
	int width, height; // in samples
	int h, v;          // blocks of an MCU
	int range, dc;     // dc is that of the block before
	unsigned kind;     // of tokens
	fx_span span[2];   // as many rows of blocks as an MCU has
} plane;

// picture is one on its way: span by span of its first plane, and what belongs there of the others.
typedef struct picture {
	plane plane[3];
	int planes, wide, high; // in MCUs
	int blocks;             // of an MCU
} picture;

static void fill(picture *pic, const AVFrame *f, int full) {
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
	const int log2_h = d->log2_chroma_w, log2_v = d->log2_chroma_h;
	pic->planes = d->nb_components < 3 ? 1 : 3;
	for (int i = 0; i < pic->planes; i++) {
		plane *p = &pic->plane[i];
		p->data = f->data[i], p->stride = f->linesize[i];
		p->width = AV_CEIL_RSHIFT(f->width, i ? log2_h : 0), p->height = AV_CEIL_RSHIFT(f->height, i ? log2_v : 0);
		p->h = i ? 1 : 1 << log2_h, p->v = i ? 1 : 1 << log2_v;
		p->range = full ? FX_FULL : i ? FX_CHROMA : FX_LUMA;
		p->dc = 0, p->kind = i ? FX_KIND : 0;
	}
	pic->wide = (f->width + (8 << log2_h) - 1) / (8 << log2_h), pic->high = (f->height + (8 << log2_v) - 1) / (8 << log2_v);
	pic->blocks = (1 << log2_h << log2_v) + pic->planes - 1;
}

// transform makes coefficients of the blocks at (x, 8 by). Beyond the right and lower edge the last samples repeat.
static void transform(const fx_jpeg *j, const plane *p, int x, int by, int most, fx_span *out) {
	uint8_t edge[8][FX_SPAN];
	const uint8_t *row[8];
	int columns = p->width - x < most ? p->width - x : most, whole = (columns + 15) & ~15;
	for (int r = 0; r < 8; r++) {
		int y = 8 * by + r < p->height ? 8 * by + r : p->height - 1;
		row[r] = p->data + y * p->stride + x;
		__builtin_prefetch(row[r] + most); // the rows are too many for the processor to see it coming
		__builtin_prefetch(row[r] + most + 64);
		if (columns == whole)
			continue;
		memcpy(edge[r], row[r], (size_t)columns);
		memset(edge[r] + columns, row[r][columns - 1], (size_t)(whole - columns));
		row[r] = edge[r];
	}
	fx_jpeg_blocks(&j->steps, row, whole, p->range, out);
}

static inline uint16_t *put(uint32_t *seen, uint16_t *at, unsigned token) {
	seen[token]++;
	*at = (uint16_t)token;
	return at + 1;
}

// put_block makes tokens of one block, looking at nothing but the coefficients that are not 0. Kept out of its callers, its
// loop has enough registers.
__attribute__((noinline)) static uint16_t *put_block(fx_jpeg *j, uint16_t *at, plane *p, const fx_span *s, int b) {
	const int16_t *level = s->level + 8 * b;
	const uint16_t *value = j->value + 256;
	const unsigned kind = p->kind;
	uint32_t *seen = j->seen;
	uint64_t left = 0;
	int next = 1;
	at = put(seen, at, kind + FX_DC + value[s->dc[b] - p->dc]);
	p->dc = s->dc[b];
	for (int u = 0; u < 8; u++)
		left |= j->order[u][s->used[u][b]];
	for (left &= ~UINT64_C(1); left; left &= left - 1) {
		int k = __builtin_ctzll(left), zeros = k - next;
		next = k + 1;
		for (; zeros > 15; zeros -= 16)
			at = put(seen, at, kind + FX_SIXTEEN_ZEROS);
		at = put(seen, at, kind + (unsigned)zeros * FX_ROW + value[level[j->place[k]]]);
	}
	return next < 64 ? put(seen, at, kind + FX_END_OF_BLOCK) : at;
}

// put_filler is for blocks that are there only to fill up an MCU: nothing changes.
static uint16_t *put_filler(fx_jpeg *j, uint16_t *at, unsigned kind) {
	return put(j->seen, put(j->seen, at, kind + FX_DC), kind + FX_END_OF_BLOCK);
}

// put_mcu makes tokens of the MCU (mx, my), which is the nth in the spans.
static uint16_t *put_mcu(fx_jpeg *j, uint16_t *at, picture *pic, int mx, int my, int n) {
	for (plane *p = pic->plane; p < pic->plane + pic->planes; p++) {
		for (int v = 0; v < p->v; v++) {
			for (int h = 0; h < p->h; h++) {
				int inside = 8 * (mx * p->h + h) < p->width && 8 * (my * p->v + v) < p->height;
				at = inside ? put_block(j, at, p, &p->span[v], n * p->h + h) : put_filler(j, at, p->kind);
			}
		}
	}
	return at;
}

// room_for makes sure that n more tokens fit.
static int room_for(fx_jpeg *j, size_t n) {
	if (j->room - j->count >= n)
		return 0;
	uint16_t *more = av_realloc_array(j->tokens, 2 * j->count + n, sizeof *more);
	if (!more)
		return AVERROR(ENOMEM);
	j->tokens = more, j->room = 2 * j->count + n;
	return 0;
}

// put_span makes tokens of the MCUs from (mx, my) on, as many as a span holds.
static void put_span(fx_jpeg *j, picture *pic, int mx, int my) {
	const int n = FX_BLOCKS / pic->plane[0].h, end = mx + n < pic->wide ? mx + n : pic->wide;
	for (plane *p = pic->plane; p < pic->plane + pic->planes; p++)
		for (int v = 0; v < p->v && 8 * (my * p->v + v) < p->height; v++)
			transform(j, p, 8 * p->h * mx, my * p->v + v, 8 * p->h * n, &p->span[v]);
	uint16_t *at = j->tokens + j->count;
	for (int i = mx; i < end; i++)
		at = put_mcu(j, at, pic, i, my, i - mx);
	j->count = (size_t)(at - j->tokens);
}

int fx_jpeg_tokens(fx_jpeg *j, const AVFrame *f, int full) {
	picture pic;
	fill(&pic, f, full);
	memset(j->seen, 0, sizeof j->seen);
	j->count = 0;
	for (int my = 0; my < pic.high; my++) {
		// A block has at most 64 tokens: a coefficient each, and an end only if the last one is 0.
		int err = room_for(j, (size_t)pic.wide * (size_t)pic.blocks * 64);
		if (err < 0)
			return err;
		for (int mx = 0; mx < pic.wide; mx += FX_BLOCKS / pic.plane[0].h)
			put_span(j, &pic, mx, my);
	}
	return 0;
}
