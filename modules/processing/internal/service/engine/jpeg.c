// A baseline JPEG encoder (ITU-T T.81) for 8-bit planar YCbCr and gray: what video decoders give. One pass makes tokens of
// the picture and counts them; then the Huffman codes that are best for it are made, and a second pass over the tokens,
// not over the picture, writes them. Samples of limited range are stretched on the way in, so no full-range copy is made.
#include "coding.h"
#include "jpeg.h"
#include "shim.h"

#include <stdlib.h>
#include <string.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>

enum { SYMBOLS = 256, RESERVED = 256, MAX_WORD = 16, MAX_SIDE = 65535, HEADERS = 1024 };

static const uint8_t zigzag[64] = {
	0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

static uint16_t value_of(int number) {
	int magnitude = number < 0 ? -number : number, ones = 1;
	while (ones <= magnitude)
		ones *= 2;
	return (uint16_t)(ones - 1 + (number < 0 ? ones - 1 - magnitude : magnitude));
}

static fx_jpeg *new_jpeg(void) {
	fx_jpeg *j = av_mallocz(sizeof *j);
	for (int k = 0; j && k < 64; k++) {
		int u = zigzag[k] & 7, v = zigzag[k] >> 3;
		j->place[k] = (uint16_t)(u * FX_SPAN + v);
		for (int byte = 0; byte < 256; byte++)
			j->order[u][byte] |= (uint64_t)(byte >> v & 1) << k;
	}
	for (int i = 0; j && i < 512; i++)
		j->value[i] = value_of(i - 256);
	return j;
}

void fx_jpeg_free(fx_jpeg **j) {
	if (*j)
		av_free((*j)->tokens);
	av_freep(j);
}

int fx_jpeg_takes(int format) {
	switch (format) {
	case AV_PIX_FMT_GRAY8:
	case AV_PIX_FMT_YUV420P:
	case AV_PIX_FMT_YUV422P:
	case AV_PIX_FMT_YUV444P:
	case AV_PIX_FMT_YUVJ420P:
	case AV_PIX_FMT_YUVJ422P:
	case AV_PIX_FMT_YUVJ444P:
		return 1;
	}
	return 0;
}

int fx_jpeg_full(const AVFrame *f) {
	if (f->color_range != AVCOL_RANGE_UNSPECIFIED)
		return f->color_range == AVCOL_RANGE_JPEG;
	return f->format != AV_PIX_FMT_YUV420P && f->format != AV_PIX_FMT_YUV422P && f->format != AV_PIX_FMT_YUV444P;
}

// huffman is a Huffman code: as the file lists it, and to send.
typedef struct huffman {
	uint8_t len[SYMBOLS + 1];
	uint16_t word[SYMBOLS];
} huffman;

// codes are those of one kind of component.
typedef struct codes {
	huffman dc, ac;
} codes;

// make_huffman reserves a word by a symbol that never occurs, since none may consist of ones alone (T.81 C.2).
static void make_huffman(huffman *h, uint32_t *freq) {
	unsigned word = 0;
	freq[RESERVED] = 1;
	fx_huffman(freq, SYMBOLS + 1, MAX_WORD, h->len);
	for (int len = 1; len <= MAX_WORD; len++, word <<= 1)
		for (int s = 0; s < SYMBOLS; s++)
			if (h->len[s] == len)
				h->word[s] = (uint16_t)word++;
}

// The tokens of a kind are ROWS times FX_ROW. Those of one row whose value has n bits have one symbol, and follow each other.
enum { ROWS = FX_KIND / FX_ROW, DC_ROW = FX_DC / FX_ROW, MAX_SIZE = 8 };

static inline int first_token(int row, int n) { return row * FX_ROW + (1 << n) - 1; }
static inline int symbol_of(int row, int n) { return row == DC_ROW ? n : row << 4 | n; }

static uint32_t times_seen(const uint32_t *seen, int row, int n) {
	uint32_t sum = 0;
	for (int bits = 0; bits < 1 << n; bits++)
		sum += seen[first_token(row, n) + bits];
	return sum;
}

// make_codes gives the best codes for the tokens of one kind, fills send, and returns the bits that these tokens take.
static uint64_t make_codes(codes *c, const uint32_t *seen, uint32_t *send) {
	uint32_t dc[SYMBOLS + 1] = {0}, ac[SYMBOLS + 1] = {0};
	uint64_t total = 0;
	for (int row = 0; row < ROWS; row++)
		for (int n = 0; n <= MAX_SIZE; n++)
			(row == DC_ROW ? dc : ac)[symbol_of(row, n)] = times_seen(seen, row, n);
	make_huffman(&c->dc, dc);
	make_huffman(&c->ac, ac);
	for (int row = 0; row < ROWS; row++) {
		const huffman *h = row == DC_ROW ? &c->dc : &c->ac;
		for (int n = 0; n <= MAX_SIZE; n++) {
			int s = symbol_of(row, n);
			uint32_t often = (row == DC_ROW ? dc : ac)[s], length = h->len[s] + (uint32_t)n;
			for (uint32_t bits = 0; often && bits < 1u << n; bits++)
				send[first_token(row, n) + (int)bits] = ((uint32_t)h->word[s] << n | bits) << 8 | length;
			total += (uint64_t)often * length;
		}
	}
	return total;
}

static uint8_t *put8(uint8_t *at, int value) {
	*at = (uint8_t)value;
	return at + 1;
}

static uint8_t *put16(uint8_t *at, int value) {
	AV_WB16(at, value);
	return at + 2;
}

static uint8_t *put_marker(uint8_t *at, int marker, int length) {
	return put16(put16(at, 0xff00 | marker), length);
}

// put_jfif says that the components are Y, Cb and Cr, and the shape of a pixel (JFIF 1.02).
static uint8_t *put_jfif(uint8_t *at, AVRational shape) {
	if (shape.num <= 0 || shape.den <= 0 || !av_reduce(&shape.num, &shape.den, shape.num, shape.den, UINT16_MAX))
		shape = (AVRational){1, 1};
	at = put_marker(at, 0xe0, 16);
	memcpy(at, "JFIF\0\1\2\0", 8); // version 1.02, density without a unit
	at = put16(put16(at + 8, shape.num), shape.den);
	return put16(at, 0); // no thumbnail
}

static uint8_t *put_steps(uint8_t *at, const fx_steps *s) {
	at = put8(put_marker(at, 0xdb, 67), 0);
	for (int k = 0; k < 64; k++)
		at = put8(at, s->step[zigzag[k]]);
	return at;
}

static uint8_t *put_frame(uint8_t *at, const AVFrame *f, const AVPixFmtDescriptor *d) {
	int planes = d->nb_components, sampling = (1 << d->log2_chroma_w) << 4 | 1 << d->log2_chroma_h;
	at = put8(put_marker(at, 0xc0, 8 + 3 * planes), 8);
	at = put8(put16(put16(at, f->height), f->width), planes);
	for (int i = 0; i < planes; i++)
		at = put8(put8(put8(at, i + 1), i ? 0x11 : sampling), 0);
	return at;
}

static uint8_t *put_huffman(uint8_t *at, const huffman *h, int id) {
	uint8_t *start = at, *listed = at + 5 + MAX_WORD;
	at[4] = (uint8_t)id;
	memset(at + 5, 0, MAX_WORD);
	for (int len = 1; len <= MAX_WORD; len++)
		for (int s = 0; s < SYMBOLS; s++)
			if (h->len[s] == len)
				at[4 + len]++, listed = put8(listed, s);
	put_marker(start, 0xc4, (int)(listed - start) - 2);
	return listed;
}

static uint8_t *put_headers(uint8_t *at, const fx_jpeg *j, const AVFrame *f, const AVPixFmtDescriptor *d, const codes *c) {
	int planes = d->nb_components;
	at = put_jfif(put16(at, 0xffd8), f->sample_aspect_ratio);
	at = put_frame(put_steps(at, &j->steps), f, d);
	for (int i = 0; i < (planes > 1 ? 2 : 1); i++)
		at = put_huffman(put_huffman(at, &c[i].dc, i), &c[i].ac, 0x10 | i);
	at = put8(put_marker(at, 0xda, 6 + 2 * planes), planes);
	for (int i = 0; i < planes; i++)
		at = put8(put8(at, i + 1), i ? 0x11 : 0);
	return put8(put8(put8(at, 0), 63), 0);
}

// put_bytes writes the first n bytes of held, which has zeros behind them. A byte of ones is followed by a zero (T.81 F.1.2.3).
static inline uint8_t *put_bytes(uint8_t *at, uint64_t held, unsigned n) {
	if (!(held & (~held - 0x0101010101010101u) & 0x8080808080808080u)) { // no byte is 0xff
		AV_WB64(at, held);
		return at + n;
	}
	for (; n; n--, held <<= 8) {
		*at++ = (uint8_t)(held >> 56);
		if (at[-1] == 0xff)
			*at++ = 0;
	}
	return at;
}

// put_tokens writes two tokens at a time: 2 * 24 bits and the 7 that may be left fit in 64.
static uint8_t *put_tokens(uint8_t *at, const uint16_t *tokens, size_t count, const uint32_t *send) {
	uint64_t held = 0; // from the highest bit on
	unsigned n = 0;    // bits held, below 8 between tokens
	for (size_t i = 0; i < count; i += 2) {
		uint32_t a = send[tokens[i]], b = i + 1 < count ? send[tokens[i + 1]] : 0;
		unsigned more = (a & 31) + (b & 31);
		n += more;
		held |= ((uint64_t)(a >> 8) << (b & 31) | b >> 8) << (64 - n);
		at = put_bytes(at, held, n >> 3);
		held <<= n & 56;
		n &= 7;
	}
	if (n)
		at = put_bytes(at, held | UINT64_C(0xff) << 56 >> n, 1); // filled up with ones
	return put16(at, 0xffd9);
}

// prepare makes what does not depend on the picture, once.
static int prepare(fx_jpeg **self, int quality) {
	if (!*self && !(*self = new_jpeg()))
		return AVERROR(ENOMEM);
	if ((*self)->quality != quality)
		fx_steps_for(&(*self)->steps, quality);
	(*self)->quality = quality;
	return 0;
}

int fx_jpeg_encode(fx_jpeg **self, const AVFrame *f, int full, int quality, fx_picture *out) {
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
	codes c[2];
	if (f->width > MAX_SIDE || f->height > MAX_SIDE || quality < 2 || quality > 31)
		return AVERROR(EINVAL);
	int err = prepare(self, quality);
	fx_jpeg *j = *self;
	if (err < 0 || (err = fx_jpeg_tokens(j, f, full)) < 0)
		return err;
	uint64_t bits = make_codes(&c[0], j->seen, j->send);
	if (d->nb_components > 1)
		bits += make_codes(&c[1], j->seen + FX_KIND, j->send + FX_KIND);
	uint8_t *file = malloc(HEADERS + 2 * (size_t)(bits / 8)); // if every byte were 0xff
	if (!file)
		return AVERROR(ENOMEM);
	uint8_t *at = put_headers(file, j, f, d, c);
	out->size = (size_t)(put_tokens(at, j->tokens, j->count, j->send) - file);
	uint8_t *fit = realloc(file, out->size);
	out->data = fit ? fit : file;
	return 0;
}
