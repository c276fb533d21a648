#include "shim.h"

#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// make_sws repeats what ffmpeg's scale filter does (libavfilter/vf_scale.c), so that the pixels are the same: chroma of
// 4:2:0 placed as in MPEG-2, matrix and range as the frame says.
static struct SwsContext *make_sws(const AVFrame *src, int target, int width, int height, int flags) {
	struct SwsContext *sws = sws_alloc_context();
	if (!sws)
		return NULL;
	av_opt_set_int(sws, "srcw", src->width, 0);
	av_opt_set_int(sws, "srch", src->height, 0);
	av_opt_set_int(sws, "src_format", src->format, 0);
	av_opt_set_int(sws, "dstw", width, 0);
	av_opt_set_int(sws, "dsth", height, 0);
	av_opt_set_int(sws, "dst_format", target, 0);
	av_opt_set_int(sws, "sws_flags", flags, 0);
	if (src->format == AV_PIX_FMT_YUV420P)
		av_opt_set_int(sws, "src_v_chr_pos", 128, 0);
	if (target == AV_PIX_FMT_YUV420P)
		av_opt_set_int(sws, "dst_v_chr_pos", 128, 0);
	if (sws_init_context(sws, NULL, NULL) < 0) {
		sws_freeContext(sws);
		return NULL;
	}
	int *inverse, *table, in_full, out_full, brightness, contrast, saturation;
	if (sws_getColorspaceDetails(sws, &inverse, &in_full, &table, &out_full, &brightness, &contrast, &saturation) >= 0) {
		int space = src->colorspace;
		if (space < 1 || space > 10 || space == AVCOL_SPC_YCGCO || space == AVCOL_SPC_UNSPECIFIED)
			space = SWS_CS_DEFAULT;
		const int *matrix = sws_getCoefficients(space);
		if (src->color_range != AVCOL_RANGE_UNSPECIFIED)
			in_full = src->color_range == AVCOL_RANGE_JPEG;
		sws_setColorspaceDetails(sws, matrix, in_full, matrix, out_full, brightness, contrast, saturation);
	}
	return sws;
}

static int serves(const fx_scaler *s, const AVFrame *src, int format, int width, int height, int flags) {
	return s->sws && s->src_format == src->format && s->src_width == src->width && s->src_height == src->height &&
	       s->src_space == (int)src->colorspace && s->src_range == (int)src->color_range && s->format == format &&
	       s->width == width && s->height == height && s->flags == flags;
}

int fx_scale(fx_scaler *s, const AVFrame *src, int format, int width, int height, int flags, uint8_t *const *data, const int *stride) {
	if (!serves(s, src, format, width, height, flags)) {
		sws_freeContext(s->sws);
		*s = (fx_scaler){
			.sws = make_sws(src, format, width, height, flags), .src_format = src->format, .src_width = src->width,
			.src_height = src->height, .src_space = src->colorspace, .src_range = src->color_range,
			.format = format, .width = width, .height = height, .flags = flags,
		};
		if (!s->sws)
			return AVERROR(EINVAL);
	}
	int err = sws_scale(s->sws, (const uint8_t *const *)src->data, src->linesize, 0, src->height, data, stride);
	return err < 0 ? err : 0;
}

void fx_scaler_free(fx_scaler *s) {
	sws_freeContext(s->sws);
	s->sws = NULL;
}

int fx_shrink_gray(fx_scaler *s, const AVFrame *src, int width, int height, uint8_t *out) {
	return fx_scale(s, src, AV_PIX_FMT_GRAY8, width, height, SWS_AREA, &out, &width);
}
