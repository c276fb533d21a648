#include "shim.h"

#include <string.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

struct fx_encoder {
	int format, quality, rotation, mirror, width, height;
	struct SwsContext *sws;
	AVFrame key; // the source properties sws was made for
	int target;  // AVPixelFormat of converted
	AVFrame *turned, *rgb, *converted;
	AVCodecContext *codec; // of JPEG and WebP
	AVPacket *pkt;
	int64_t count;
	uint8_t *scratch;
	size_t scratch_size;
};

fx_encoder *fx_encoder_new(int format, int quality, int rotation, int mirror, int width, int height) {
	fx_encoder *e = av_mallocz(sizeof *e);
	if (!e)
		return NULL;
	e->format = format, e->quality = quality, e->rotation = rotation, e->mirror = mirror, e->width = width, e->height = height;
	e->key.format = e->target = AV_PIX_FMT_NONE;
	e->turned = av_frame_alloc(), e->rgb = av_frame_alloc(), e->converted = av_frame_alloc();
	e->pkt = av_packet_alloc();
	if (e->turned && e->rgb && e->converted && e->pkt)
		return e;
	fx_encoder_free(e);
	return NULL;
}

void fx_encoder_free(fx_encoder *e) {
	if (!e)
		return;
	sws_freeContext(e->sws);
	av_frame_free(&e->turned);
	av_frame_free(&e->rgb);
	av_frame_free(&e->converted);
	avcodec_free_context(&e->codec);
	av_packet_free(&e->pkt);
	av_free(e->scratch);
	av_free(e);
}

static int ensure(AVFrame *f, int format, int width, int height) {
	if (f->format == format && f->width == width && f->height == height && f->data[0])
		return 0;
	av_frame_unref(f);
	f->format = format, f->width = width, f->height = height;
	return av_frame_get_buffer(f, 0);
}

// turn_plane writes dst (w x h elements of n bytes) from src turned clockwise, then mirrored.
static void turn_plane(uint8_t *dst, int dst_stride, const uint8_t *src, int src_stride, int w, int h, int n, int rotation, int mirror) {
	for (int y = 0; y < h; y++) {
		for (int x = 0; x < w; x++) {
			int u = mirror ? w - 1 - x : x, sx = u, sy = y;
			if (rotation == 90)
				sx = y, sy = w - 1 - u;
			else if (rotation == 180)
				sx = w - 1 - u, sy = h - 1 - y;
			else if (rotation == 270)
				sx = h - 1 - y, sy = u;
			memcpy(dst + (ptrdiff_t)y * dst_stride + (ptrdiff_t)x * n, src + (ptrdiff_t)sy * src_stride + (ptrdiff_t)sx * n, (size_t)n);
		}
	}
}

static int can_turn(const AVPixFmtDescriptor *d, int rotation) {
	if (d->flags & (AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL))
		return 0;
	if (rotation % 180 && d->log2_chroma_w != d->log2_chroma_h)
		return 0;
	return d->flags & AV_PIX_FMT_FLAG_PLANAR || (!d->log2_chroma_w && !d->log2_chroma_h);
}

static int turn(fx_encoder *e, const AVFrame *src) {
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(src->format);
	int across = e->rotation % 180 != 0;
	int w = across ? src->height : src->width, h = across ? src->width : src->height;
	int err = ensure(e->turned, src->format, w, h), steps[4];
	if (err < 0 || (err = av_frame_copy_props(e->turned, src)) < 0)
		return err;
	av_image_fill_max_pixsteps(steps, NULL, d);
	for (int p = 0; p < 4 && src->data[p]; p++) {
		int chroma = p == 1 || p == 2;
		int pw = chroma ? AV_CEIL_RSHIFT(w, d->log2_chroma_w) : w, ph = chroma ? AV_CEIL_RSHIFT(h, d->log2_chroma_h) : h;
		turn_plane(e->turned->data[p], e->turned->linesize[p], src->data[p], src->linesize[p], pw, ph, steps[p], e->rotation, e->mirror);
	}
	return 0;
}

// make_sws repeats what ffmpeg's scale filter does (libavfilter/vf_scale.c), so that the pixels are the same:
// bicubic, chroma of 4:2:0 placed as in MPEG-2, matrix and range as the frame says.
static struct SwsContext *make_sws(const AVFrame *src, int target, int width, int height) {
	struct SwsContext *sws = sws_alloc_context();
	if (!sws)
		return NULL;
	av_opt_set_int(sws, "srcw", src->width, 0);
	av_opt_set_int(sws, "srch", src->height, 0);
	av_opt_set_int(sws, "src_format", src->format, 0);
	av_opt_set_int(sws, "dstw", width, 0);
	av_opt_set_int(sws, "dsth", height, 0);
	av_opt_set_int(sws, "dst_format", target, 0);
	av_opt_set_int(sws, "sws_flags", SWS_BICUBIC, 0);
	if (src->format == AV_PIX_FMT_YUV420P)
		av_opt_set_int(sws, "src_v_chr_pos", 128, 0);
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

static int same_source(const AVFrame *key, const AVFrame *src) {
	return key->format == src->format && key->width == src->width && key->height == src->height &&
	       key->colorspace == src->colorspace && key->color_range == src->color_range;
}

static int convert(fx_encoder *e, const AVFrame *src, AVFrame *dst, int target, int width, int height) {
	if (!e->sws || e->target != target || dst->width != width || dst->height != height || !same_source(&e->key, src)) {
		sws_freeContext(e->sws);
		if (!(e->sws = make_sws(src, target, width, height)))
			return AVERROR(EINVAL);
		e->key.format = src->format, e->key.width = src->width, e->key.height = src->height;
		e->key.colorspace = src->colorspace, e->key.color_range = src->color_range;
		e->target = target;
	}
	int err = ensure(dst, target, width, height);
	if (err < 0 || (err = av_frame_copy_props(dst, src)) < 0)
		return err;
	err = sws_scale(e->sws, (const uint8_t *const *)src->data, src->linesize, 0, src->height, dst->data, dst->linesize);
	return err < 0 ? err : 0;
}

// The pixel format that the images are made from. JPEG keeps the chroma resolution of the source, at full range; lossy
// WebP knows only 4:2:0 at limited range (RFC 9649 2.5).
static int pixel_format(const fx_encoder *e, const AVFrame *src) {
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(src->format);
	if (e->format == FX_PNG)
		return AV_PIX_FMT_RGB24;
	if (e->format == FX_WEBP)
		return AV_PIX_FMT_YUV420P;
	if (d->flags & AV_PIX_FMT_FLAG_RGB || (d->log2_chroma_w == 0 && d->log2_chroma_h == 0 && d->nb_components >= 3))
		return AV_PIX_FMT_YUVJ444P;
	return d->log2_chroma_w == 1 && d->log2_chroma_h == 0 ? AV_PIX_FMT_YUVJ422P : AV_PIX_FMT_YUVJ420P;
}

static int open_codec(fx_encoder *e, const AVFrame *f) {
	if (e->codec && e->codec->pix_fmt == f->format)
		return 0;
	avcodec_free_context(&e->codec);
	const AVCodec *codec = e->format == FX_JPEG ? avcodec_find_encoder(AV_CODEC_ID_MJPEG) : avcodec_find_encoder_by_name("libwebp");
	if (!codec || !(e->codec = avcodec_alloc_context3(codec)))
		return AVERROR_ENCODER_NOT_FOUND;
	e->codec->width = f->width, e->codec->height = f->height, e->codec->pix_fmt = f->format;
	e->codec->time_base = (AVRational){1, 25};
	e->codec->sample_aspect_ratio = f->sample_aspect_ratio;
	e->codec->flags |= AV_CODEC_FLAG_BITEXACT;
	e->codec->thread_count = 1;
	if (e->format == FX_JPEG) {
		e->codec->flags |= AV_CODEC_FLAG_QSCALE;
		e->codec->global_quality = e->quality * FF_QP2LAMBDA;
	} else {
		av_opt_set_double(e->codec->priv_data, "quality", e->quality, 0);
	}
	return avcodec_open2(e->codec, codec, NULL);
}

static int encode_lossy(fx_encoder *e, AVFrame *f, fx_picture *out) {
	int err = open_codec(e, f);
	if (err < 0)
		return err;
	f->quality = e->codec->global_quality;
	f->pict_type = AV_PICTURE_TYPE_NONE;
	f->pts = e->count++; // mjpeg refuses a time that does not advance
	if ((err = avcodec_send_frame(e->codec, f)) < 0 || (err = avcodec_receive_packet(e->codec, e->pkt)) < 0)
		return err;
	if (!(out->data = malloc((size_t)e->pkt->size)))
		err = AVERROR(ENOMEM);
	else
		memcpy(out->data, e->pkt->data, out->size = (size_t)e->pkt->size);
	av_packet_unref(e->pkt);
	return err;
}

// upright gives the picture turned the right way up: src itself, or a turned copy.
static int upright(fx_encoder *e, const AVFrame *src, const AVFrame **out) {
	*out = src;
	if (!e->rotation && !e->mirror)
		return 0;
	if (!can_turn(av_pix_fmt_desc_get(src->format), e->rotation)) {
		int err = convert(e, src, e->rgb, AV_PIX_FMT_RGB24, src->width, src->height);
		if (err < 0)
			return err;
		sws_freeContext(e->sws); // the next conversion starts from RGB
		e->sws = NULL;
		src = e->rgb;
	}
	*out = e->turned;
	return turn(e, src);
}

int fx_encode(fx_encoder *e, const AVFrame *frame, fx_picture *out) {
	const AVFrame *src;
	int err = upright(e, frame, &src);
	if (err < 0)
		return err;
	out->width = e->width, out->height = e->height;
	if ((err = convert(e, src, e->converted, pixel_format(e, src), e->width, e->height)) < 0)
		return err;
	if (e->format != FX_PNG)
		return encode_lossy(e, e->converted, out);
	AVRational sar = frame->sample_aspect_ratio;
	return fx_png(e->converted->data[0], e->converted->linesize[0], e->width, e->height, sar.num, sar.den, &e->scratch, &e->scratch_size, out);
}
