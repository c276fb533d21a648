// A PNG encoder for one kind of picture: packed RGB that just came out of a video decoder. General deflate spends its
// time looking for repeats that such pictures hardly have; what they have is smoothness. So every row is filtered with
// "up", and a strip of rows at a time becomes one deflate block of Huffman-coded bytes, with runs of zeros (areas equal
// to the row above) as the only matches. Filter, run scan and bit packing stay in the second-level cache.
// Formats: PNG 1.2 (W3C REC-PNG-20031110), deflate RFC 1951, zlib RFC 1950.
#include "coding.h"
#include "shim.h"

#include <stdlib.h>
#include <string.h>
#include <libavutil/crc.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mem.h>

enum { LITERALS = FX_MAX_SYMBOLS, END = 256, MAX_BITS = 12, STRIP = 192 << 10 };

typedef struct bits {
	uint8_t *at;
	uint64_t held;
	unsigned count; // below 8 between calls
} bits;

typedef struct code {
	uint16_t word; // bit-reversed, as deflate sends it
	uint16_t len;
} code;

static inline void put(bits *b, uint32_t value, unsigned n) {
	b->held |= (uint64_t)value << b->count;
	b->count += n;
}

static inline void flush(bits *b) {
	AV_WL64(b->at, b->held);
	b->at += b->count >> 3;
	b->held >>= b->count & 56;
	b->count &= 7;
}

// up_filter writes cur - above, byte by byte, and keeps the two sums of Adler-32 (RFC 1950 section 8.2).
FX_WIDE static void up_filter(uint8_t *dst, const uint8_t *cur, const uint8_t *above, int n) {
	for (int i = 0; i < n; i++)
		dst[i] = (uint8_t)(cur[i] - above[i]);
}

FX_WIDE static void adler_block(const uint8_t *p, int n, uint32_t *a, uint32_t *b) {
	uint32_t sum = 0, weighted = 0;
	for (int i = 0; i < n; i++) {
		sum += p[i];
		weighted += (uint32_t)(n - i) * p[i];
	}
	*b = (*b + (uint32_t)n * *a + weighted) % 65521;
	*a = (*a + sum) % 65521;
}

static void adler(const uint8_t *p, size_t n, uint32_t *a, uint32_t *b) {
	for (size_t i = 0; i < n; i += 4096)
		adler_block(p + i, (int)(n - i < 4096 ? n - i : 4096), a, b);
}

// Length codes of RFC 1951 3.2.5 for a match of len bytes (3..258): symbol, extra bits and their value.
static unsigned length_symbol(unsigned len, unsigned *extra, unsigned *value) {
	if (len == 258) {
		*extra = *value = 0;
		return 285;
	}
	unsigned x = len - 3, log = 0;
	while (x >> (log + 3))
		log++;
	*extra = log;
	*value = x & ((1u << log) - 1);
	return log ? 261 + 4 * log + (x >> log & 3) : 257 + x;
}

// zero_run tells how many zero bytes start at p, looking 8 at a time.
static size_t zero_run(const uint8_t *p, size_t left) {
	size_t n = 0;
	while (n + 8 <= left && AV_RN64(p + n) == 0)
		n += 8;
	while (n < left && p[n] == 0)
		n++;
	return n;
}

// next_match is how much of a run of left zeros the next match takes; never a rest too short for a match of its own.
static unsigned next_match(size_t left) {
	if (left <= 258)
		return (unsigned)left;
	return left < 261 ? 255 : 258;
}

static void count_symbols(const uint8_t *p, size_t n, uint32_t *freq) {
	uint32_t part[4][256] = {{0}};
	size_t i = 0;
	while (i + 8 <= n) {
		uint64_t w = AV_RN64(p + i);
		if (w == 0) {
			size_t run = zero_run(p + i, n - i), left = run - 1;
			part[0][0]++;
			for (unsigned m, extra, value; left; left -= m) {
				m = next_match(left);
				freq[length_symbol(m, &extra, &value)]++;
			}
			i += run;
			continue;
		}
		for (int k = 0; k < 8; k++)
			part[k & 3][p[i + k]]++;
		i += 8;
	}
	for (; i < n; i++)
		part[0][p[i]]++;
	for (int s = 0; s < 256; s++)
		freq[s] += part[0][s] + part[1][s] + part[2][s] + part[3][s];
	freq[END]++;
}

static void put_symbols(bits *out, const uint8_t *p, size_t n, const code *c) {
	bits b = *out;
	size_t i = 0;
	while (i + 8 <= n) {
		if (AV_RN64(p + i) == 0) {
			size_t run = zero_run(p + i, n - i), left = run - 1;
			put(&b, c[0].word, c[0].len);
			for (unsigned m, extra, value; left; left -= m) {
				m = next_match(left);
				unsigned s = length_symbol(m, &extra, &value);
				put(&b, c[s].word, c[s].len);
				put(&b, value, extra);
				put(&b, 0, 1); // the only distance code: 1 byte back
				flush(&b);
			}
			flush(&b);
			i += run;
			continue;
		}
		for (int k = 0; k < 8; k += 4) { // 4 codes of at most 12 bits beside at most 7 held ones fit in 64
			for (int j = 0; j < 4; j++)
				put(&b, c[p[i + k + j]].word, c[p[i + k + j]].len);
			flush(&b);
		}
		i += 8;
	}
	for (; i < n; i++) {
		put(&b, c[p[i]].word, c[p[i]].len);
		flush(&b);
	}
	put(&b, c[END].word, c[END].len);
	flush(&b);
	*out = b;
}

static uint16_t reverse(unsigned word, int len) {
	unsigned r = 0;
	for (int i = 0; i < len; i++)
		r |= (word >> i & 1) << (len - 1 - i);
	return (uint16_t)r;
}

// make_code builds the canonical code (RFC 1951 3.2.2) for the frequencies. At least two symbols get a code.
static void make_code(const uint32_t *freq, int symbols, int max, code *c) {
	uint8_t len[LITERALS];
	unsigned count[MAX_BITS + 1] = {0}, next[MAX_BITS + 2] = {0};
	fx_huffman(freq, symbols, max, len);
	for (int s = 0; s < symbols; s++)
		count[len[s]]++;
	count[0] = 0;
	for (int n = 1; n <= max; n++)
		next[n + 1] = (next[n] + count[n]) << 1;
	for (int s = 0; s < symbols; s++)
		c[s] = (code){len[s] ? reverse(next[len[s]]++, len[s]) : 0, len[s]};
}

// put_lengths sends the code lengths (RFC 1951 3.2.7), zeros as runs, everything else one by one.
static void put_lengths(bits *b, const code *literal) {
	static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
	uint8_t symbol[LITERALS + 1], extra[LITERALS + 1];
	uint32_t freq[19] = {0};
	code c[19];
	int n = 0;
	for (int s = 0; s < LITERALS;) {
		int run = 0;
		while (s + run < LITERALS && !literal[s + run].len && run < 138)
			run++;
		symbol[n] = (uint8_t)(run >= 11 ? 18 : run >= 3 ? 17 : literal[s].len);
		extra[n] = (uint8_t)(run >= 11 ? run - 11 : run >= 3 ? run - 3 : 0);
		freq[symbol[n++]]++;
		s += run >= 3 ? run : 1;
	}
	symbol[n] = 1, extra[n] = 0; // the one distance code has one bit
	freq[symbol[n++]]++;
	make_code(freq, 19, 7, c);
	put(b, LITERALS - 257, 5);
	put(b, 0, 5);
	put(b, 19 - 4, 4);
	flush(b);
	for (int i = 0; i < 19; i++) {
		put(b, c[order[i]].len, 3);
		flush(b);
	}
	for (int i = 0; i < n; i++) {
		put(b, c[symbol[i]].word, c[symbol[i]].len);
		put(b, extra[i], symbol[i] == 18 ? 7 : symbol[i] == 17 ? 3 : 0);
		flush(b);
	}
}

static void put_block(bits *b, const uint8_t *p, size_t n, int last) {
	uint32_t freq[LITERALS] = {0};
	code c[LITERALS];
	count_symbols(p, n, freq);
	make_code(freq, LITERALS, MAX_BITS, c);
	put(b, (uint32_t)last | 2 << 1, 3); // BFINAL, BTYPE 10: dynamic Huffman codes
	put_lengths(b, c);
	put_symbols(b, p, n, c);
}

static uint8_t *begin_chunk(uint8_t *at, const char *type) {
	memcpy(at + 4, type, 4);
	return at + 8;
}

static uint8_t *end_chunk(uint8_t *start, uint8_t *at) {
	AV_WB32(start, (uint32_t)(at - start - 8));
	uint32_t crc = av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), 0xffffffffu, start + 4, (size_t)(at - start - 4));
	AV_WB32(at, crc ^ 0xffffffffu);
	return at + 4;
}

static uint8_t *put_header(uint8_t *at, int width, int height, int sar_num, int sar_den) {
	static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
	memcpy(at, signature, 8);
	at += 8;
	uint8_t *p = begin_chunk(at, "IHDR");
	AV_WB32(p, (uint32_t)width);
	AV_WB32(p + 4, (uint32_t)height);
	memcpy(p + 8, "\x08\x02\0\0\0", 5); // 8 bits, truecolour
	at = end_chunk(at, p + 13);
	if (sar_num > 0 && sar_den > 0 && sar_num != sar_den) { // pixel aspect ratio; pHYs counts pixels per unit, so inverted
		p = begin_chunk(at, "pHYs");
		AV_WB32(p, (uint32_t)sar_den);
		AV_WB32(p + 4, (uint32_t)sar_num);
		p[8] = 0;
		at = end_chunk(at, p + 9);
	}
	return at;
}

static uint8_t *put_pixels(uint8_t *at, const uint8_t *rgb, ptrdiff_t stride, int width, int height, uint8_t *strip, int rows) {
	const int row = 3 * width;
	uint32_t a = 1, sum = 0;
	at[0] = 0x78, at[1] = 0x01; // zlib: deflate, 32 KiB window, fastest
	bits b = {.at = at + 2};
	for (int y = 0; y < height;) {
		uint8_t *p = strip;
		for (int end = y + rows < height ? y + rows : height; y < end; y++, p += row + 1) {
			p[0] = y ? 2 : 0; // up, but for the first row
			if (y)
				up_filter(p + 1, rgb + y * stride, rgb + (y - 1) * stride, row);
			else
				memcpy(p + 1, rgb, (size_t)row);
		}
		adler(strip, (size_t)(p - strip), &a, &sum);
		put_block(&b, strip, (size_t)(p - strip), y == height);
	}
	if (b.count)
		put(&b, 0, 8 - b.count);
	flush(&b);
	AV_WB32(b.at, sum << 16 | a);
	return b.at + 4;
}

int fx_png(const uint8_t *rgb, ptrdiff_t stride, int width, int height, int sar_num, int sar_den, uint8_t **scratch, size_t *scratch_size, fx_picture *out) {
	const size_t row = 3 * (size_t)width + 1;
	const int rows = row < STRIP ? (int)(STRIP / row) : 1;
	if (*scratch_size < row * (size_t)rows) {
		av_freep(scratch);
		*scratch_size = 0;
		if (!(*scratch = av_malloc(row * (size_t)rows)))
			return AVERROR(ENOMEM);
		*scratch_size = row * (size_t)rows;
	}
	// A code has at most MAX_BITS bits, so a strip grows by at most a half; its code table takes below 1 KiB.
	size_t room = row * (size_t)height * MAX_BITS / 8 + (size_t)(height / rows + 2) * 1024 + 1024;
	uint8_t *file = malloc(room);
	if (!file)
		return AVERROR(ENOMEM);
	uint8_t *idat = put_header(file, width, height, sar_num, sar_den);
	uint8_t *at = end_chunk(idat, put_pixels(begin_chunk(idat, "IDAT"), rgb, stride, width, height, *scratch, rows));
	at = end_chunk(at, begin_chunk(at, "IEND"));
	out->size = (size_t)(at - file);
	uint8_t *fit = realloc(file, out->size);
	out->data = fit ? fit : file;
	return 0;
}
