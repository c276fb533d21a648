#include "shim.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include <libavutil/avstring.h>
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>

// The containers that are opened. Playlists, image files, subtitles and everything that names other files stay out.
static const char *const containers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,asf,mpegts,mpeg,ogg,mxf";

static int whole(int fd, void *buf, size_t n, int writing) {
	for (size_t done = 0; done < n;) {
		ssize_t got = writing ? write(fd, (char *)buf + done, n - done) : read(fd, (char *)buf + done, n - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return AVERROR(EIO);
		done += (size_t)got;
	}
	return 0;
}

// fetch asks the parent for a range: offset and length go out as 64-bit numbers, a length (negative: it failed) and the
// bytes come back. The decoders of all threads share the one socket.
static ssize_t fetch(int fd, uint8_t *buf, size_t n, int64_t offset) {
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	int64_t ask[2] = {offset, (int64_t)n}, got = -1;
	pthread_mutex_lock(&turn);
	if (whole(fd, ask, sizeof ask, 1) < 0 || whole(fd, &got, sizeof got, 0) < 0 || got > (int64_t)n || (got > 0 && whole(fd, buf, (size_t)got, 0) < 0))
		got = -1;
	pthread_mutex_unlock(&turn);
	errno = EIO;
	return (ssize_t)got;
}

static ssize_t read_at(const fx_input *in, uint8_t *buf, size_t n) {
	if (in->hollow) {
		int64_t left = in->size - in->pos;
		n = left < (int64_t)n ? (size_t)(left > 0 ? left : 0) : n;
		memset(buf, 0, n);
		return (ssize_t)n;
	}
	if (in->remote)
		return fetch(in->fd, buf, n, in->pos);
	ssize_t got;
	do
		got = pread(in->fd, buf, n, in->pos);
	while (got < 0 && errno == EINTR);
	return got;
}

static int io_read(void *opaque, uint8_t *buf, int n) {
	fx_input *in = opaque;
	ssize_t got = read_at(in, buf, (size_t)n);
	if (got < 0)
		return AVERROR(errno);
	if (got == 0) {
		in->past_end = 1;
		return AVERROR_EOF;
	}
	in->pos += got;
	return (int)got;
}

static int64_t io_seek(void *opaque, int64_t offset, int whence) {
	fx_input *in = opaque;
	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return in->size;
	case SEEK_SET:
		break;
	case SEEK_CUR:
		offset += in->pos;
		break;
	case SEEK_END:
		offset += in->size;
		break;
	default:
		return AVERROR(EINVAL);
	}
	if (offset < 0)
		return AVERROR(EINVAL);
	return in->pos = offset;
}

// No demuxer gets to open anything but the one descriptor.
static int deny_open(AVFormatContext *s, AVIOContext **pb, const char *url, int flags, AVDictionary **options) {
	(void)s, (void)pb, (void)url, (void)flags, (void)options;
	return AVERROR(EPERM);
}

static int new_input(fx_input **out, int fd, int remote, int64_t size) {
	const int buffer = 64 << 10;
	fx_input *in = av_mallocz(sizeof *in);
	uint8_t *buf = av_malloc(buffer);
	if (!in || !buf || !(in->io = avio_alloc_context(buf, buffer, 0, in, io_read, NULL, io_seek))) {
		av_free(in);
		av_free(buf);
		return AVERROR(ENOMEM);
	}
	in->fd = fd;
	in->remote = remote;
	in->size = size;
	in->stream = -1;
	*out = in;
	return 0;
}

static int open_format(fx_input *in, const AVInputFormat *format) {
	if (!(in->fmt = avformat_alloc_context()))
		return AVERROR(ENOMEM);
	in->fmt->pb = in->io;
	in->fmt->io_open = deny_open;
	in->fmt->flags |= AVFMT_FLAG_CUSTOM_IO;
	in->fmt->probesize = 5 << 20;
	in->fmt->max_analyze_duration = 10 * AV_TIME_BASE;
	AVDictionary *options = NULL;
	av_dict_set(&options, "format_whitelist", containers, 0);
	av_dict_set(&options, "protocol_whitelist", "none", 0);
	int err = avformat_open_input(&in->fmt, NULL, format, &options);
	av_dict_free(&options);
	return err;
}

static int probe_format(fx_input *in, const AVInputFormat **format) {
	if (av_probe_input_buffer2(in->io, format, NULL, NULL, 0, 1 << 20) < 0)
		return FX_NOT_A_VIDEO;
	return av_match_list((*format)->name, containers, ',') ? 0 : FX_CONTAINER;
}

// The first stream of pictures that is not cover art.
static int choose_stream(fx_input *in) {
	for (unsigned i = 0; i < in->fmt->nb_streams; i++) {
		const AVStream *st = in->fmt->streams[i];
		if (in->stream < 0 && st->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
		    !(st->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)))
			in->stream = (int)i;
	}
	if (in->stream < 0)
		return FX_NO_VIDEO;
	for (unsigned i = 0; i < in->fmt->nb_streams; i++)
		in->fmt->streams[i]->discard = (int)i == in->stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	return 0;
}

static void note_nal_length(fx_input *in) {
	const AVCodecParameters *par = in->fmt->streams[in->stream]->codecpar;
	if (par->codec_id == AV_CODEC_ID_H264 && par->extradata_size > 4 && par->extradata[0] == 1)
		in->nal_length = (par->extradata[4] & 3) + 1; // ISO/IEC 14496-15, avcC
	if (par->codec_id == AV_CODEC_ID_HEVC && par->extradata_size > 21 && par->extradata[0] == 1)
		in->nal_length = (par->extradata[21] & 3) + 1; // hvcC
}

static int check(fx_input *in, int64_t max_pixels) {
	const AVCodecParameters *par = in->fmt->streams[in->stream]->codecpar;
	if (!avcodec_find_decoder(par->codec_id))
		return FX_CODEC;
	if ((int64_t)par->width * par->height > max_pixels)
		return FX_PIXELS;
	if (par->width <= 0 || par->height <= 0 || par->format < 0)
		return FX_NOT_A_VIDEO;
	return 0;
}

static int open_steps(fx_input *in, int max_streams, int64_t max_pixels) {
	const AVInputFormat *format = NULL;
	int err = probe_format(in, &format);
	if (err < 0)
		return err;
	if ((err = open_format(in, format)) < 0)
		return err;
	if (in->fmt->nb_streams > (unsigned)max_streams)
		return FX_STREAMS;
	if ((err = choose_stream(in)) < 0 && in->fmt->nb_streams > 0 && !(in->fmt->ctx_flags & AVFMTCTX_NOHEADER))
		return err;
	const AVStream *st = in->stream < 0 ? NULL : in->fmt->streams[in->stream];
	if (st && (int64_t)st->codecpar->width * st->codecpar->height > max_pixels)
		return FX_PIXELS; // before a decoder is opened to find out more
	if ((err = avformat_find_stream_info(in->fmt, NULL)) < 0)
		return err;
	if (in->fmt->nb_streams > (unsigned)max_streams)
		return FX_STREAMS;
	if ((err = choose_stream(in)) < 0)
		return err;
	note_nal_length(in);
	return check(in, max_pixels);
}

int fx_open(fx_input **out, int fd, int remote, int64_t size, int max_streams, int64_t max_pixels) {
	fx_input *in = NULL;
	int err = new_input(&in, fd, remote, size);
	if (err < 0)
		return err;
	if ((err = open_steps(in, max_streams, max_pixels)) < 0) {
		fx_close(in);
		return err;
	}
	*out = in;
	return 0;
}

// fx_reopen opens the same file again for another decoder; what the first opening learned is copied, not probed anew.
int fx_reopen(fx_input **out, const fx_input *like) {
	fx_input *in = NULL;
	int err = new_input(&in, like->fd, like->remote, like->size);
	if (err < 0)
		return err;
	if ((err = open_format(in, like->fmt->iformat)) < 0)
		goto fail;
	in->stream = like->stream;
	if ((unsigned)in->stream >= in->fmt->nb_streams && (err = avformat_find_stream_info(in->fmt, NULL)) < 0)
		goto fail;
	if ((unsigned)in->stream >= in->fmt->nb_streams) {
		err = FX_NOT_A_VIDEO;
		goto fail;
	}
	for (unsigned i = 0; i < in->fmt->nb_streams; i++)
		in->fmt->streams[i]->discard = (int)i == in->stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	if ((err = avcodec_parameters_copy(in->fmt->streams[in->stream]->codecpar, like->fmt->streams[like->stream]->codecpar)) < 0)
		goto fail;
	in->nal_length = like->nal_length;
	*out = in;
	return 0;
fail:
	fx_close(in);
	return err;
}

int fx_indexed(const fx_input *in) {
	const AVStream *st = in->fmt->streams[in->stream];
	int n = avformat_index_get_entries_count(st);
	return av_match_list("mov", in->fmt->iformat->name, ',') && st->nb_frames > 0 && n >= st->nb_frames ? n : 0;
}

void fx_hollow(fx_input *in) {
	in->hollow = 1;
	in->fmt->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN; // there is nothing to parse
}

void fx_close(fx_input *in) {
	if (!in)
		return;
	avformat_close_input(&in->fmt);
	av_freep(&in->io->buffer);
	avio_context_free(&in->io);
	av_free(in);
}

// The display matrix as quarter turns clockwise, and whether the picture is mirrored left to right after turning.
static void orientation(const AVStream *st, fx_info *info) {
	size_t size = 0;
	const int32_t *m = (const int32_t *)av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &size);
	if (!m || size < 9 * sizeof *m)
		return;
	info->mirror = (int64_t)m[0] * m[4] - (int64_t)m[1] * m[3] < 0;
	int32_t flat[9];
	memcpy(flat, m, sizeof flat);
	if (info->mirror)
		av_display_matrix_flip(flat, 1, 0);
	double turn = -av_display_rotation_get(flat);
	if (turn != turn)
		return;
	info->rotation = (((int)(turn + (turn < 0 ? -45 : 45)) / 90 * 90) % 360 + 360) % 360;
}

void fx_describe(const fx_input *in, fx_info *info) {
	memset(info, 0, sizeof *info);
	AVFormatContext *f = in->fmt;
	AVStream *st = f->streams[in->stream];
	const AVCodecParameters *par = st->codecpar;
	av_strlcpy(info->container, f->iformat->name, sizeof info->container);
	av_strlcpy(info->codec, avcodec_get_name(par->codec_id), sizeof info->codec);
	av_strlcpy(info->pix_fmt, av_get_pix_fmt_name(par->format), sizeof info->pix_fmt);
	const AVDictionaryEntry *tag = av_dict_get(f->metadata, "creation_time", NULL, 0);
	if (tag)
		av_strlcpy(info->created, tag->value, sizeof info->created);
	info->codec_id = par->codec_id;
	info->width = par->width;
	info->height = par->height;
	AVRational sar = av_guess_sample_aspect_ratio(f, st, NULL), rate = av_guess_frame_rate(f, st, NULL);
	info->sar_num = sar.num, info->sar_den = sar.den;
	info->rate_num = rate.num, info->rate_den = rate.den;
	info->tb_num = st->time_base.num, info->tb_den = st->time_base.den;
	info->duration = st->duration, info->start = st->start_time;
	info->bitrate = f->bit_rate, info->container_duration = f->duration;
	info->seek_by = av_match_list("mov", f->iformat->name, ',') ? 1 : av_match_list("matroska", f->iformat->name, ',') ? 2 : 0;
	for (unsigned i = 0; i < f->nb_streams; i++)
		info->has_audio |= f->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
	orientation(st, info);
}

// What one NAL unit says: bit FX_ENTRY for a picture that decoding may start at, FX_NONREF for one that no other needs.
static void nal(int codec, const uint8_t *p, fx_meta *meta, int *pictures, int *nonref) {
	if (codec == AV_CODEC_ID_H264) { // H.264 7.4.1: nal_unit_type 1..5 are slices, 5 is IDR
		int type = p[0] & 31;
		if (type < 1 || type > 5)
			return;
		(*pictures)++;
		*nonref += (p[0] & 0x60) == 0;
		if (type == 5)
			meta->flags |= FX_ENTRY;
		return;
	}
	int type = p[0] >> 1 & 63; // H.265 7.4.2.2: below 32 are slices, 16..21 IRAP, even below 15 sub-layer non-reference
	if (type > 31)
		return;
	(*pictures)++;
	*nonref += type < 15 && type % 2 == 0;
	meta->layer = (p[1] & 7) - 1;
	if (type >= 16 && type <= 21)
		meta->flags |= FX_ENTRY;
}

static void scan_prefixed(int codec, int n, const AVPacket *pkt, fx_meta *meta, int *pictures, int *nonref) {
	for (int at = 0; at + n + 2 <= pkt->size;) {
		uint32_t len = 0;
		for (int i = 0; i < n; i++)
			len = len << 8 | pkt->data[at + i];
		at += n;
		nal(codec, pkt->data + at, meta, pictures, nonref);
		if (len > (uint32_t)(pkt->size - at))
			return;
		at += (int)len;
	}
}

static void scan_annexb(int codec, const AVPacket *pkt, fx_meta *meta, int *pictures, int *nonref) {
	for (int at = 0; at + 5 <= pkt->size; at++) {
		const uint8_t *zero = memchr(pkt->data + at, 1, (size_t)(pkt->size - at - 2));
		if (!zero)
			return;
		at = (int)(zero - pkt->data);
		if (at >= 2 && !zero[-1] && !zero[-2])
			nal(codec, zero + 1, meta, pictures, nonref);
	}
}

static void look_inside(const fx_input *in, const AVPacket *pkt, fx_meta *meta) {
	int codec = in->fmt->streams[in->stream]->codecpar->codec_id, pictures = 0, nonref = 0;
	if (in->hollow)
		return;
	if (codec != AV_CODEC_ID_H264 && codec != AV_CODEC_ID_HEVC) {
		if (meta->flags & FX_KEY)
			meta->flags |= FX_ENTRY;
		if (codec == AV_CODEC_ID_VP8 && pkt->size > 0 && !(pkt->data[0] >> 4 & 1))
			meta->flags |= FX_HIDDEN; // RFC 6386 9.1: show_frame is 0
		return;
	}
	if (in->nal_length)
		scan_prefixed(codec, in->nal_length, pkt, meta, &pictures, &nonref);
	else
		scan_annexb(codec, pkt, meta, &pictures, &nonref);
	if (pictures > 0 && pictures == nonref)
		meta->flags |= FX_NONREF;
	if (!(meta->flags & FX_KEY))
		meta->flags &= ~FX_ENTRY;
}

int fx_read(fx_input *in, AVPacket *pkt, fx_meta *meta) {
	int err;
	do {
		av_packet_unref(pkt);
		if ((err = av_read_frame(in->fmt, pkt)) < 0)
			return err;
	} while (pkt->stream_index != in->stream);
	*meta = (fx_meta){.pts = pkt->pts, .dts = pkt->dts, .pos = pkt->pos, .duration = pkt->duration, .size = pkt->size};
	if (pkt->flags & AV_PKT_FLAG_KEY)
		meta->flags |= FX_KEY;
	if (pkt->flags & AV_PKT_FLAG_DISCARD)
		meta->flags |= FX_HIDDEN;
	if (pkt->flags & AV_PKT_FLAG_CORRUPT)
		meta->flags |= FX_CORRUPT;
	look_inside(in, pkt, meta);
	return 0;
}

int fx_seek(fx_input *in, int64_t ts) {
	return av_seek_frame(in->fmt, in->stream, ts, AVSEEK_FLAG_BACKWARD);
}

int fx_decoder(AVCodecContext **out, const fx_input *in, int threads) {
	AVStream *st = in->fmt->streams[in->stream];
	const AVCodec *codec = avcodec_find_decoder(st->codecpar->codec_id);
	if (!codec)
		return FX_CODEC;
	AVCodecContext *dec = avcodec_alloc_context3(codec);
	if (!dec)
		return AVERROR(ENOMEM);
	int err = avcodec_parameters_to_context(dec, st->codecpar);
	dec->pkt_timebase = st->time_base;
	dec->thread_count = threads;
	if (err < 0 || (err = avcodec_open2(dec, codec, NULL)) < 0) {
		avcodec_free_context(&dec);
		return err;
	}
	*out = dec;
	return 0;
}

// fx_send gives a packet (NULL drains). Without keep_nonref the decoder may skip it when nothing refers to it.
int fx_send(AVCodecContext *dec, const AVPacket *pkt, int keep_nonref) {
	dec->skip_frame = keep_nonref ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
	return avcodec_send_packet(dec, pkt);
}

// FFmpeg 6 renamed what 7 no longer has.
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
#define FRAME_DURATION(f) ((f)->duration)
#define FRAME_IS_KEY(f) (((f)->flags & AV_FRAME_FLAG_KEY) != 0)
#else
#define FRAME_DURATION(f) ((f)->pkt_duration)
#define FRAME_IS_KEY(f) ((f)->key_frame)
#endif

int fx_receive(AVCodecContext *dec, AVFrame *frame, fx_frame_meta *meta) {
	int err = avcodec_receive_frame(dec, frame);
	if (err < 0)
		return err;
	*meta = (fx_frame_meta){
		.pts = frame->best_effort_timestamp, .raw_pts = frame->pts, .duration = FRAME_DURATION(frame),
		.width = frame->width, .height = frame->height, .type = av_get_picture_type_char(frame->pict_type),
		.key = FRAME_IS_KEY(frame),
		.bad = frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT),
	};
	return 0;
}
