// Lossy images that libraries encode: WebP by libwebp, AVIF by libaom, both through libavcodec, where FFmpeg was built with
// them.
#include "shim.h"

#include <string.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

struct fx_lossy {
	int format, quality;
	AVCodecContext *codec;
	AVPacket *pkt;
};

static const AVCodec *codec_of(int format) {
	return avcodec_find_encoder_by_name(format == FX_WEBP ? "libwebp" : "libaom-av1");
}

int fx_lossy_can(int format) {
	return codec_of(format) && (format == FX_WEBP || av_guess_format("avif", NULL, NULL));
}

// fx_lossy_pixels keeps the chroma resolution of the source where the format can: lossy WebP knows only 4:2:0 (RFC 9649 2.5).
int fx_lossy_pixels(int format, const AVPixFmtDescriptor *d) {
	if (format == FX_WEBP || d->nb_components < 3)
		return AV_PIX_FMT_YUV420P;
	if (d->flags & AV_PIX_FMT_FLAG_RGB || (d->log2_chroma_w == 0 && d->log2_chroma_h == 0))
		return AV_PIX_FMT_YUV444P;
	return d->log2_chroma_w == 1 && d->log2_chroma_h == 0 ? AV_PIX_FMT_YUV422P : AV_PIX_FMT_YUV420P;
}

// tag says what the samples mean: libswscale left the matrix as it was, and made limited range of whatever came.
static void tag(AVCodecContext *c, const AVFrame *f) {
	c->color_range = AVCOL_RANGE_MPEG;
	c->colorspace = f->colorspace == AVCOL_SPC_RGB ? AVCOL_SPC_SMPTE170M : f->colorspace;
	c->color_primaries = f->color_primaries, c->color_trc = f->color_trc;
	c->sample_aspect_ratio = f->sample_aspect_ratio;
}

// tune asks for one picture at the wanted quality. Speed 8 of libaom's all-intra mode takes a tenth of the time of its
// default for files that are a few percent larger.
static void tune(AVCodecContext *c, int format, int quality) {
	if (format == FX_WEBP) {
		av_opt_set_double(c->priv_data, "quality", quality, 0);
		return;
	}
	av_opt_set(c->priv_data, "usage", "allintra", 0);
	av_opt_set_int(c->priv_data, "cpu-used", 8, 0);
	av_opt_set_int(c->priv_data, "still-picture", 1, 0);
	av_opt_set_int(c->priv_data, "crf", (100 - quality) * 63 / 99, 0);
}

// open_codec makes an encoder for pictures like f. libaom's still-picture mode takes one picture only.
static int open_codec(fx_lossy *l, const AVFrame *f) {
	const AVCodec *codec = codec_of(l->format);
	if (l->format == FX_WEBP && l->codec && l->codec->width == f->width && l->codec->height == f->height)
		return 0;
	avcodec_free_context(&l->codec);
	if (!codec || !(l->codec = avcodec_alloc_context3(codec)))
		return AVERROR_ENCODER_NOT_FOUND;
	l->codec->width = f->width, l->codec->height = f->height, l->codec->pix_fmt = f->format;
	l->codec->time_base = (AVRational){1, 25};
	l->codec->flags |= AV_CODEC_FLAG_BITEXACT | (l->format == FX_AVIF ? AV_CODEC_FLAG_GLOBAL_HEADER : 0);
	l->codec->thread_count = 1;
	tag(l->codec, f);
	tune(l->codec, l->format, l->quality);
	return avcodec_open2(l->codec, codec, NULL);
}

static int encode(fx_lossy *l, AVFrame *f) {
	int err = open_codec(l, f);
	if (err < 0)
		return err;
	f->pict_type = AV_PICTURE_TYPE_NONE, f->pts = 0;
	if ((err = avcodec_send_frame(l->codec, f)) < 0)
		return err;
	if (l->format == FX_AVIF && (err = avcodec_send_frame(l->codec, NULL)) < 0)
		return err;
	return avcodec_receive_packet(l->codec, l->pkt);
}

// wrap puts an AV1 picture into a file of its own (AVIF 1.1, ISO/IEC 23008-12).
static int wrap(fx_lossy *l, uint8_t **data) {
	AVFormatContext *mux = NULL;
	uint8_t *buffer = NULL;
	int err = avformat_alloc_output_context2(&mux, NULL, "avif", NULL), size = 0;
	if (err < 0)
		return err;
	mux->flags |= AVFMT_FLAG_BITEXACT;
	AVStream *s = avformat_new_stream(mux, NULL);
	if (!s || (err = avcodec_parameters_from_context(s->codecpar, l->codec)) < 0 || (err = avio_open_dyn_buf(&mux->pb)) < 0) {
		avformat_free_context(mux);
		return s ? err : AVERROR(ENOMEM);
	}
	s->time_base = l->codec->time_base, s->avg_frame_rate = (AVRational){25, 1};
	l->pkt->stream_index = 0;
	if ((err = avformat_write_header(mux, NULL)) >= 0 && (err = av_write_frame(mux, l->pkt)) >= 0)
		err = av_write_trailer(mux);
	size = avio_close_dyn_buf(mux->pb, &buffer);
	mux->pb = NULL;
	avformat_free_context(mux);
	*data = buffer;
	return err < 0 ? err : size;
}

static int keep(const uint8_t *data, int size, fx_picture *out) {
	if (!data || size <= 0 || !(out->data = malloc((size_t)size)))
		return AVERROR(ENOMEM);
	memcpy(out->data, data, out->size = (size_t)size);
	return 0;
}

int fx_lossy_encode(fx_lossy **self, int format, int quality, AVFrame *f, fx_picture *out) {
	if (!*self && !(*self = av_mallocz(sizeof **self)))
		return AVERROR(ENOMEM);
	fx_lossy *l = *self;
	l->format = format, l->quality = quality;
	if (!l->pkt && !(l->pkt = av_packet_alloc()))
		return AVERROR(ENOMEM);
	int err = encode(l, f);
	if (err >= 0 && format == FX_WEBP) {
		err = keep(l->pkt->data, l->pkt->size, out);
	} else if (err >= 0) {
		uint8_t *file = NULL;
		err = wrap(l, &file);
		err = err < 0 ? err : keep(file, err, out);
		av_free(file);
	}
	av_packet_unref(l->pkt);
	return err;
}

void fx_lossy_free(fx_lossy **self) {
	if (*self) {
		avcodec_free_context(&(*self)->codec);
		av_packet_free(&(*self)->pkt);
	}
	av_freep(self);
}
