#include "shim.h"

#include <string.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

struct fx_encoder {
	fx_recipe recipe;
	fx_scaler plain, deep, main, small, hash;
	AVFrame *turned, *rgb, *view, *wide, *sdr, *converted;
	fx_jpeg *jpeg;
	fx_lossy *lossy;
	uint8_t *scratch;
	size_t scratch_size;
};

fx_encoder *fx_encoder_new(const fx_recipe *recipe) {
	fx_encoder *e = av_mallocz(sizeof *e);
	if (!e)
		return NULL;
	e->recipe = *recipe;
	e->turned = av_frame_alloc(), e->rgb = av_frame_alloc(), e->view = av_frame_alloc();
	e->wide = av_frame_alloc(), e->sdr = av_frame_alloc(), e->converted = av_frame_alloc();
	if (e->turned && e->rgb && e->view && e->wide && e->sdr && e->converted)
		return e;
	fx_encoder_free(e);
	return NULL;
}

void fx_encoder_free(fx_encoder *e) {
	if (!e)
		return;
	fx_scaler_free(&e->plain);
	fx_scaler_free(&e->deep);
	fx_scaler_free(&e->main);
	fx_scaler_free(&e->small);
	fx_scaler_free(&e->hash);
	av_frame_free(&e->turned);
	av_frame_free(&e->rgb);
	av_frame_free(&e->view);
	av_frame_free(&e->wide);
	av_frame_free(&e->sdr);
	av_frame_free(&e->converted);
	fx_jpeg_free(&e->jpeg);
	fx_lossy_free(&e->lossy);
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
	int across = e->recipe.rotation % 180 != 0;
	int w = across ? src->height : src->width, h = across ? src->width : src->height;
	int err = ensure(e->turned, src->format, w, h), steps[4];
	if (err < 0 || (err = av_frame_copy_props(e->turned, src)) < 0)
		return err;
	av_image_fill_max_pixsteps(steps, NULL, d);
	for (int p = 0; p < 4 && src->data[p]; p++) {
		int chroma = p == 1 || p == 2;
		int pw = chroma ? AV_CEIL_RSHIFT(w, d->log2_chroma_w) : w, ph = chroma ? AV_CEIL_RSHIFT(h, d->log2_chroma_h) : h;
		turn_plane(e->turned->data[p], e->turned->linesize[p], src->data[p], src->linesize[p], pw, ph, steps[p], e->recipe.rotation, e->recipe.mirror);
	}
	return 0;
}

static int convert(fx_scaler *s, const AVFrame *src, AVFrame *dst, int format, int width, int height) {
	int err = ensure(dst, format, width, height);
	if (err < 0 || (err = av_frame_copy_props(dst, src)) < 0)
		return err;
	return fx_scale(s, src, format, width, height, SWS_BICUBIC, dst->data, dst->linesize);
}

// The pixel format that the images are made from. JPEG keeps the chroma resolution of the source, at full range.
static int pixel_format(const fx_encoder *e, const AVFrame *src) {
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(src->format);
	if (e->recipe.format == FX_PNG)
		return AV_PIX_FMT_RGB24;
	if (e->recipe.format != FX_JPEG)
		return fx_lossy_pixels(e->recipe.format, d);
	if (d->nb_components < 3 && !(d->flags & AV_PIX_FMT_FLAG_PAL))
		return AV_PIX_FMT_GRAY8;
	if (d->flags & AV_PIX_FMT_FLAG_RGB || (d->log2_chroma_w == 0 && d->log2_chroma_h == 0 && d->nb_components >= 3))
		return AV_PIX_FMT_YUVJ444P;
	return d->log2_chroma_w == 1 && d->log2_chroma_h == 0 ? AV_PIX_FMT_YUVJ422P : AV_PIX_FMT_YUVJ420P;
}

// upright gives the picture turned the right way up: src itself, or a turned copy.
static int upright(fx_encoder *e, const AVFrame *src, const AVFrame **out) {
	*out = src;
	if (!e->recipe.rotation && !e->recipe.mirror)
		return 0;
	if (!can_turn(av_pix_fmt_desc_get(src->format), e->recipe.rotation)) {
		int err = convert(&e->plain, src, e->rgb, AV_PIX_FMT_RGB24, src->width, src->height);
		if (err < 0)
			return err;
		src = e->rgb;
	}
	*out = e->turned;
	return turn(e, src);
}

// crop narrows *src to the recipe's part of it, as ffmpeg's crop filter does: offsets go down to whole chroma samples.
static int crop(fx_encoder *e, const AVFrame **src) {
	const fx_recipe *r = &e->recipe;
	if (!r->crop_w)
		return 0;
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get((*src)->format);
	int x = r->crop_x >> d->log2_chroma_w << d->log2_chroma_w, y = r->crop_y >> d->log2_chroma_h << d->log2_chroma_h;
	if (x + r->crop_w > (*src)->width || y + r->crop_h > (*src)->height)
		return AVERROR(ERANGE);
	av_frame_unref(e->view);
	int err = av_frame_ref(e->view, *src);
	if (err < 0)
		return err;
	e->view->crop_left = (size_t)x, e->view->crop_right = (size_t)((*src)->width - x - r->crop_w);
	e->view->crop_top = (size_t)y, e->view->crop_bottom = (size_t)((*src)->height - y - r->crop_h);
	*src = e->view;
	return av_frame_apply_cropping(e->view, AV_FRAME_CROP_UNALIGNED);
}

// tone makes an 8-bit RGB picture of an HDR one.
static int tone(fx_encoder *e, const AVFrame **src) {
	int err = convert(&e->deep, *src, e->wide, AV_PIX_FMT_RGB48, e->recipe.width, e->recipe.height);
	if (err < 0 || (err = ensure(e->sdr, AV_PIX_FMT_RGB24, e->recipe.width, e->recipe.height)) < 0)
		return err;
	fx_tone(*src, (const uint16_t *)(const void *)e->wide->data[0], e->wide->linesize[0] / 2, e->sdr->data[0], e->sdr->linesize[0], e->sdr->width, e->sdr->height);
	*src = e->sdr;
	return 0;
}

// difference_hash compares neighbours in a 9 x 8 shrinkage of the picture: 64 bits that survive scaling and grain.
// Krawetz, "Kind of Like That", 2013.
static int difference_hash(fx_encoder *e, const AVFrame *made, uint64_t *hash) {
	uint8_t gray[9 * 8 + 64]; // libswscale writes a little beyond
	int err = fx_shrink_gray(&e->hash, made, 9, 8, gray);
	*hash = 0;
	for (int i = 0; i < 64; i++)
		*hash |= (uint64_t)(gray[i / 8 * 9 + i % 8] < gray[i / 8 * 9 + i % 8 + 1]) << i;
	return err;
}

static int make_thumb(fx_encoder *e, const AVFrame *made, fx_picture *out) {
	const int w = e->recipe.thumb_width, h = e->recipe.thumb_height, stride = 3 * w;
	out->thumb = malloc((size_t)stride * (size_t)h + 64); // libswscale writes a little beyond
	if (!out->thumb)
		return AVERROR(ENOMEM);
	out->thumb_width = w, out->thumb_height = h;
	return fx_scale(&e->small, made, AV_PIX_FMT_RGB24, w, h, SWS_AREA, &out->thumb, &stride);
}

// finish encodes the picture made: e->converted, or a frame of the decoder that needed no conversion.
static int finish(fx_encoder *e, const AVFrame *frame, const AVFrame *made, fx_picture *out) {
	int err = 0;
	if (e->recipe.hash && (err = difference_hash(e, made, &out->hash)) < 0)
		return err;
	if (e->recipe.thumb_width && (err = make_thumb(e, made, out)) < 0)
		return err;
	if (e->recipe.format == FX_JPEG)
		return fx_jpeg_encode(&e->jpeg, made, made == e->converted || fx_jpeg_full(made), e->recipe.quality, out);
	if (e->recipe.format != FX_PNG)
		return fx_lossy_encode(&e->lossy, e->recipe.format, e->recipe.quality, e->converted, out);
	AVRational sar = frame->sample_aspect_ratio;
	return fx_png(made->data[0], made->linesize[0], out->width, out->height, sar.num, sar.den, &e->scratch, &e->scratch_size, out);
}

// prepare gives the picture in a form and size that the format can take. JPEG stretches limited range itself.
static int prepare(fx_encoder *e, const AVFrame *src, const AVFrame **made) {
	const fx_recipe *r = &e->recipe;
	*made = src;
	if (r->format == FX_JPEG && fx_jpeg_takes(src->format) && src->width == r->width && src->height == r->height)
		return 0;
	*made = e->converted;
	return convert(&e->main, src, e->converted, pixel_format(e, src), r->width, r->height);
}

int fx_encode(fx_encoder *e, const AVFrame *frame, fx_picture *out) {
	const AVFrame *src, *made;
	memset(out, 0, sizeof *out);
	int err = upright(e, frame, &src);
	if (err < 0 || (err = crop(e, &src)) < 0)
		return err;
	out->width = e->recipe.width, out->height = e->recipe.height;
	out->toned = !e->recipe.keep_hdr && fx_is_hdr(frame);
	if (out->toned && (err = tone(e, &src)) < 0)
		return err;
	if ((err = prepare(e, src, &made)) < 0)
		return err;
	if ((err = finish(e, frame, made, out)) < 0) {
		free(out->thumb);
		out->thumb = NULL;
	}
	return err;
}
