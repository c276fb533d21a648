// The numeric half of the JPEG encoder. Loops run along the rows of many blocks, so that compilers make vector code of
// them for any processor, with the same result on each. Everything fits in 16 bits: samples are scaled by 4, and a sum of
// 64 of them times cosines stays within 64 * 512 = 2^15.
#include "coding.h"
#include "jpeg.h"

#include <math.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <string.h>
#include <libavutil/intreadwrite.h>

// The quantiser of MPEG-1 intra pictures (ISO/IEC 11172-2 2.4.3.2), which libavcodec's mjpeg has too: the same scale gives
// the same steps, so that files are as large and pictures as good.
static const uint8_t matrix[64] = {
	8,  16, 19, 22, 26, 27, 29, 34, 16, 16, 22, 24, 27, 29, 34, 37, 19, 22, 26, 27, 29, 34, 34, 38, 22, 22, 26, 27, 29, 34, 37, 40,
	22, 26, 27, 29, 32, 35, 40, 48, 26, 27, 29, 32, 35, 40, 48, 58, 26, 27, 29, 34, 38, 46, 56, 69, 27, 29, 35, 38, 46, 56, 69, 83,
};

// fx_steps_for prepares for a scale of 2 to 31. A coefficient arrives 4 (scaled samples) times 2 or, where the transform is
// plain addition, 2 sqrt(2) in either direction too large. The smallest divisor is 64, so that its inverse times 2^21 fits.
// Levels round up from 5/8, since small coefficients cost more bits than they are worth; DC rounds to the nearest.
void fx_steps_for(fx_steps *s, int scale) {
	for (int k = 0; k < 8; k++)
		s->cosine[k] = (int16_t)(k ? lrint(32768 * cos(k * M_PI / 16)) : 0);
	for (int v = 0; v < 8; v++) {
		for (int u = 0; u < 8; u++) {
			int step = matrix[8 * v + u] * scale >> 3;
			s->step[8 * v + u] = (uint8_t)(u + v == 0 ? 8 : step > 255 ? 255 : step);
			double divisor = 4.0 * s->step[8 * v + u] * (u % 4 ? 2 : 2 * M_SQRT2) * (v % 4 ? 2 : 2 * M_SQRT2);
			for (int b = 0; b < FX_BLOCKS; b++) {
				s->inverse[u * FX_SPAN + 8 * b + v] = (uint16_t)lrint((1 << 21) / divisor);
				s->round[u * FX_SPAN + 8 * b + v] = (uint16_t)lrint(divisor * 3 / 8);
			}
		}
	}
}

// stretch is what libswscale does to samples of limited range, with the result centred and scaled; jpeg_test.go
// compares all 256.
FX_WIDE static void stretch(int16_t *restrict out, const uint8_t *restrict in, int n, uint16_t gain, int16_t offset) {
	for (int x = 0; x < n; x++) {
		uint16_t v = (uint16_t)(in[x] << 8);
		uint16_t w = (uint16_t)((uint32_t)v * gain >> 16);
		int16_t y = (int16_t)(w + offset);
		y = (int16_t)((y >> 4) & ~3); // whole samples, times 4
		y = y < -512 ? -512 : y;
		out[x] = y > 508 ? 508 : y;
	}
}

FX_WIDE static void centre(int16_t *restrict out, const uint8_t *restrict in, int n) {
	for (int x = 0; x < n; x++)
		out[x] = (int16_t)((in[x] - 128) * 4);
}

static inline int16_t times(int16_t a, int16_t cosine) {
	return (int16_t)(((a * cosine >> 14) + 1) >> 1);
}

// transform is the one-dimensional DCT of each column of eight (Chen, Smith and Fralick 1977): sums, rotations by multiples
// of pi/16, and half a turn's root in the odd part. Nothing is multiplied by more than 1, so precision stays even.
FX_WIDE static void transform(int16_t *restrict out, const int16_t *restrict in, int n, const int16_t *restrict c) {
	const int16_t c1 = c[1], c2 = c[2], c3 = c[3], c4 = c[4], c5 = c[5], c6 = c[6], c7 = c[7];
	for (int x = 0; x < n; x++) {
		const int16_t *p = in + x;
		int16_t x0 = p[0], x1 = p[FX_SPAN], x2 = p[2 * FX_SPAN], x3 = p[3 * FX_SPAN];
		int16_t x4 = p[4 * FX_SPAN], x5 = p[5 * FX_SPAN], x6 = p[6 * FX_SPAN], x7 = p[7 * FX_SPAN];
		int16_t s0 = x0 + x7, s1 = x1 + x6, s2 = x2 + x5, s3 = x3 + x4;
		int16_t d0 = x0 - x7, d1 = x1 - x6, d2 = x2 - x5, d3 = x3 - x4;
		int16_t e0 = s0 + s3, e1 = s1 + s2, e2 = s0 - s3, e3 = s1 - s2, s = d1 + d2, d = d1 - d2;
		int16_t r = times(s, c4), t = times(d, c4);
		int16_t a = d0 + r, b = d0 - r, e = d3 + t, f = d3 - t;
		int16_t a1 = times(a, c1), a7 = times(a, c7), e1c = times(e, c1), e7 = times(e, c7);
		int16_t b3 = times(b, c3), b5 = times(b, c5), f3 = times(f, c3), f5 = times(f, c5);
		int16_t g2 = times(e2, c2), g6 = times(e2, c6), h2 = times(e3, c2), h6 = times(e3, c6);
		int16_t *q = out + x;
		q[0] = e0 + e1, q[4 * FX_SPAN] = e0 - e1;
		q[2 * FX_SPAN] = g2 + h6, q[6 * FX_SPAN] = g6 - h2;
		q[FX_SPAN] = a1 + e7, q[7 * FX_SPAN] = a7 - e1c;
		q[3 * FX_SPAN] = b3 - f5, q[5 * FX_SPAN] = b5 + f3;
	}
}

typedef int16_t eight __attribute__((vector_size(16)));
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define MIX __builtin_shufflevector
#endif
#endif
#ifndef MIX
#define MIX(a, b, ...) __builtin_shuffle(a, b, (eight){__VA_ARGS__})
#endif

static inline void zip(eight *low, eight *high, eight a, eight b) {
	*low = MIX(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
	*high = MIX(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// turn_block transposes one block: three times, rows that are four apart are interleaved.
static inline void turn_block(int16_t *out, const int16_t *in) {
	eight a[8], b[8];
	for (int i = 0; i < 8; i++)
		memcpy(&a[i], in + i * FX_SPAN, sizeof a[i]);
	for (int i = 0; i < 4; i++)
		zip(&b[2 * i], &b[2 * i + 1], a[i], a[i + 4]);
	for (int i = 0; i < 4; i++)
		zip(&a[2 * i], &a[2 * i + 1], b[i], b[i + 4]);
	for (int i = 0; i < 4; i++)
		zip(&b[2 * i], &b[2 * i + 1], a[i], a[i + 4]);
	for (int i = 0; i < 8; i++)
		memcpy(out + i * FX_SPAN, &b[i], sizeof b[i]);
}

FX_WIDE static void turn(int16_t *restrict out, const int16_t *restrict in, int n) {
	for (int x = 0; x < n; x += 8)
		turn_block(out + x, in + x);
}

FX_WIDE static void quantise(int16_t *restrict out, const int16_t *restrict in, const uint16_t *restrict inverse, const uint16_t *restrict round, int n) {
	for (int u = 0; u < 8; u++, out += FX_SPAN, in += FX_SPAN, inverse += FX_SPAN, round += FX_SPAN) {
		for (int x = 0; x < n; x++) {
			int16_t c = in[x], sign = c >> 15;
			uint16_t a = (uint16_t)((c ^ sign) - sign + round[x]);
			uint16_t level = (uint16_t)((uint32_t)a * inverse[x] >> 16);
			level = level >> 5;
			out[x] = (int16_t)((level ^ sign) - sign);
		}
	}
}

#if defined(__SSE2__)
static void find_used(fx_span *s, int n) {
	for (int u = 0; u < 8; u++) {
		for (int b = 0; b < n / 8; b += 2) {
			const __m128i *level = (const __m128i *)(const void *)(s->level + u * FX_SPAN + 8 * b);
			__m128i both = _mm_packs_epi16(_mm_loadu_si128(level), _mm_loadu_si128(level + 1));
			int zeros = _mm_movemask_epi8(_mm_cmpeq_epi8(both, _mm_setzero_si128()));
			AV_WL16(&s->used[u][b], ~zeros & 0xffff);
		}
	}
}
#else
// The product gathers the lowest bits of eight bytes in its highest byte.
static void find_used(fx_span *s, int n) {
	for (int u = 0; u < 8; u++) {
		uint8_t nonzero[FX_SPAN];
		for (int x = 0; x < n; x++)
			nonzero[x] = s->level[u * FX_SPAN + x] != 0;
		for (int b = 0; b < n / 8; b++)
			s->used[u][b] = (uint8_t)(AV_RL64(nonzero + 8 * b) * 0x0102040810204080u >> 56);
	}
}
#endif

void fx_jpeg_blocks(const fx_steps *s, const uint8_t *const row[8], int columns, int range, fx_span *out) {
	int16_t a[8 * FX_SPAN] __attribute__((aligned(32))), b[8 * FX_SPAN] __attribute__((aligned(32)));
	for (int y = 0; y < 8; y++) {
		if (range == FX_FULL)
			centre(a + y * FX_SPAN, row[y], columns);
		else
			stretch(a + y * FX_SPAN, row[y], columns, range == FX_LUMA ? 19077 : 18652, range == FX_LUMA ? -9352 : -9294);
	}
	transform(b, a, columns, s->cosine);
	turn(a, b, columns);
	transform(b, a, columns, s->cosine);
	for (int x = 0; x < columns; x += 8)
		out->dc[x / 8] = (int16_t)((b[x] + 128) >> 8);
	quantise(out->level, b, s->inverse, s->round, columns);
	find_used(out, columns);
}
