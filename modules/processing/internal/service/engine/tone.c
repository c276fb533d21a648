// HDR to SDR: light is what the transfer function says, relative to a reference white of 203 cd/m2 (ITU-R BT.2408), its
// colours go from BT.2020 to BT.709 primaries (BT.2087), a filmic curve brings highlights of up to 1000 cd/m2 into range
// (Hable, "Uncharted 2: HDR Lighting", GDC 2010), and the sRGB function (IEC 61966-2-1) makes 8 bits of it.
#include "shim.h"

#include <math.h>
#include <pthread.h>

enum { OUT_STEPS = 4096 };

static float pq[65536], hlg[65536];
static uint8_t srgb[OUT_STEPS + 1];
static pthread_once_t made = PTHREAD_ONCE_INIT;

static double from_pq(double e) { // SMPTE ST 2084, in cd/m2
	double p = pow(e, 1 / 78.84375), n = fmax(p - 0.8359375, 0);
	return 10000 * pow(n / (18.8515625 - 18.6875 * p), 1 / 0.1593017578125);
}

static double from_hlg(double e) { // BT.2100 inverse OETF, then a system gamma of 1.2 for a 1000 cd/m2 display
	double scene = e <= 0.5 ? e * e / 3 : (exp((e - 0.55991073) / 0.17883277) + 0.28466892) / 12;
	return 1000 * pow(scene, 1.2);
}

static void make_tables(void) {
	for (int i = 0; i < 65536; i++) {
		pq[i] = (float)(from_pq(i / 65535.0) / 203);
		hlg[i] = (float)(from_hlg(i / 65535.0) / 203);
	}
	for (int i = 0; i <= OUT_STEPS; i++) {
		double l = (double)i / OUT_STEPS, v = l <= 0.0031308 ? 12.92 * l : 1.055 * pow(l, 1 / 2.4) - 0.055;
		srgb[i] = (uint8_t)lrint(v * 255);
	}
}

static float hable(float x) {
	return (x * (0.15f * x + 0.05f) + 0.004f) / (x * (0.15f * x + 0.5f) + 0.06f) - 0.02f / 0.3f;
}

static uint8_t out(float x) {
	return srgb[(int)(fminf(fmaxf(x, 0), 1) * OUT_STEPS + 0.5f)];
}

int fx_is_hdr(const AVFrame *frame) {
	return frame->color_trc == AVCOL_TRC_SMPTE2084 || frame->color_trc == AVCOL_TRC_ARIB_STD_B67;
}

void fx_tone(const AVFrame *like, const uint16_t *src, ptrdiff_t src_stride, uint8_t *dst, ptrdiff_t dst_stride, int width, int height) {
	pthread_once(&made, make_tables);
	const float *light = like->color_trc == AVCOL_TRC_SMPTE2084 ? pq : hlg;
	const int wide = like->color_primaries == AVCOL_PRI_BT2020 || like->color_primaries == AVCOL_PRI_UNSPECIFIED;
	const float peak = hable(1000.0f / 203);
	for (int y = 0; y < height; y++) {
		const uint16_t *s = src + y * src_stride;
		uint8_t *d = dst + y * dst_stride;
		for (int x = 0; x < width; x++, s += 3, d += 3) {
			float r = light[s[0]], g = light[s[1]], b = light[s[2]];
			if (wide) {
				float R = 1.6605f * r - 0.5876f * g - 0.0728f * b, G = -0.1246f * r + 1.1329f * g - 0.0083f * b;
				b = -0.0182f * r - 0.1006f * g + 1.1187f * b, r = R, g = G;
			}
			float top = fmaxf(fmaxf(r, g), fmaxf(b, 1e-6f)), gain = hable(top) / peak / top; // the same for all three keeps the hue
			d[0] = out(r * gain), d[1] = out(g * gain), d[2] = out(b * gain);
		}
	}
}
