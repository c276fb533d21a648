// The C side of the engine: the smallest set of calls on libavformat, libavcodec and libswscale that the Go side needs.
// Every function returns 0 or a negative AVERROR unless it says otherwise. Nothing here is shared between threads.
#ifndef FIAPX_SHIM_H
#define FIAPX_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>

// Results of our own, outside FFmpeg's range of errors.
enum { FX_NOT_A_VIDEO = -2000001, FX_CONTAINER, FX_STREAMS, FX_NO_VIDEO, FX_CODEC, FX_PIXELS };

typedef struct fx_input {
	AVFormatContext *fmt;
	AVIOContext *io;
	int fd;
	int remote; // fd is a socket whose other end answers ranges, see fetch in input.c
	int hollow; // give zeros instead of reading: the container's index is known and only packets' places matter
	int64_t size, pos;
	int stream;
	int nal_length; // bytes of a NAL length prefix, 0 for Annex B
	int past_end;   // something behind the end of the file was asked for
} fx_input;

typedef struct fx_info {
	char container[64], codec[32], pix_fmt[32], created[64];
	int codec_id, width, height, rotation, mirror, has_audio, seek_by; // seek_by: 0 none, 1 dts, 2 pts
	int sar_num, sar_den, tb_num, tb_den, rate_num, rate_den;
	int64_t duration, start, bitrate, container_duration; // duration and start in the stream's time base, container's in AV_TIME_BASE
} fx_info;

// What the plan needs to know of a packet.
typedef struct fx_meta {
	int64_t pts, dts, pos, duration;
	int size, flags; // FX_* bits below
	int layer;       // HEVC temporal id, else 0
} fx_meta;

enum { FX_KEY = 1, FX_HIDDEN = 2, FX_CORRUPT = 4, FX_ENTRY = 8, FX_NONREF = 16 };

typedef struct fx_frame_meta {
	int64_t pts, duration; // pts is best_effort_timestamp
	int64_t raw_pts;       // pts as the decoder set it
	int width, height, type, bad, key;
} fx_frame_meta;

int fx_open(fx_input **out, int fd, int remote, int64_t size, int max_streams, int64_t max_pixels);
int fx_reopen(fx_input **out, const fx_input *like);
// fx_indexed is the number of packets that an MP4's sample table lists for the stream, or 0 when it is not known to be all.
int fx_indexed(const fx_input *in);
void fx_hollow(fx_input *in); // from here on packets have no content
void fx_close(fx_input *in);
void fx_describe(const fx_input *in, fx_info *info);
int fx_read(fx_input *in, AVPacket *pkt, fx_meta *meta);
int fx_seek(fx_input *in, int64_t ts);

int fx_decoder(AVCodecContext **out, const fx_input *in, int threads);
int fx_send(AVCodecContext *dec, const AVPacket *pkt, int keep_nonref);
int fx_receive(AVCodecContext *dec, AVFrame *frame, fx_frame_meta *meta);

typedef struct fx_encoder fx_encoder;
typedef struct fx_picture {
	uint8_t *data; // malloc'd, the caller's to free
	size_t size;
	int width, height;
	uint8_t *thumb; // packed RGB, malloc'd, the caller's to free; NULL when not asked for
	int thumb_width, thumb_height;
	uint64_t hash; // difference hash, 0 when not asked for
	int toned;     // HDR was mapped to SDR
} fx_picture;

enum { FX_PNG, FX_JPEG, FX_WEBP, FX_AVIF };

// How pictures become images. quality is the quantiser scale 2..31 of JPEG, 1..100 of WebP and AVIF, unused for PNG. Pictures are
// turned clockwise by rotation (0, 90, 180, 270), then mirrored left to right if mirror says so, then cropped to crop_w x
// crop_h (0: not), then scaled to width x height where they differ.
typedef struct fx_recipe {
	int format, quality, rotation, mirror, crop_x, crop_y, crop_w, crop_h, width, height;
	int thumb_width, thumb_height; // 0 for none
	int hash, keep_hdr;
} fx_recipe;

fx_encoder *fx_encoder_new(const fx_recipe *recipe); // NULL when memory is missing
int fx_encode(fx_encoder *e, const AVFrame *frame, fx_picture *out);
void fx_encoder_free(fx_encoder *e);

// fx_scaler converts pictures of any kind to one kind, remaking libswscale's context when the source changes.
typedef struct fx_scaler {
	struct SwsContext *sws;
	int src_format, src_width, src_height, src_space, src_range;
	int format, width, height, flags;
} fx_scaler;

int fx_scale(fx_scaler *s, const AVFrame *src, int format, int width, int height, int flags, uint8_t *const *data, const int *stride);
void fx_scaler_free(fx_scaler *s);
// fx_shrink_gray gives the picture's lightness in width x height bytes, each the mean of its area.
int fx_shrink_gray(fx_scaler *s, const AVFrame *src, int width, int height, uint8_t *out);

// fx_is_hdr tells whether the frame's transfer function is PQ or HLG; fx_tone maps 16-bit RGB of such a frame to 8-bit SDR.
int fx_is_hdr(const AVFrame *frame);
void fx_tone(const AVFrame *like, const uint16_t *src, ptrdiff_t src_stride, uint8_t *dst, ptrdiff_t dst_stride, int width, int height);

// fx_png encodes packed RGB, 3 bytes a pixel, in *scratch grown as needed. The picture is exact; png.c says how it is fast.
int fx_png(const uint8_t *rgb, ptrdiff_t stride, int width, int height, int sar_num, int sar_den, uint8_t **scratch, size_t *scratch_size, fx_picture *out);

// fx_jpeg encodes pictures of the formats that fx_jpeg_takes, one after another in the same memory.
typedef struct fx_jpeg fx_jpeg;
int fx_jpeg_takes(int format);
// fx_jpeg_full tells whether the frame's samples use the full range, as JPEG's do.
int fx_jpeg_full(const AVFrame *frame);
// fx_jpeg_encode makes *self at its first call. quality is the quantiser scale 2 to 31.
int fx_jpeg_encode(fx_jpeg **self, const AVFrame *frame, int full, int quality, fx_picture *out);
void fx_jpeg_free(fx_jpeg **self);

// fx_lossy encodes WebP and AVIF; fx_lossy_can tells whether this FFmpeg has the library for it.
typedef struct fx_lossy fx_lossy;
int fx_lossy_can(int format);
int fx_lossy_pixels(int format, const AVPixFmtDescriptor *d);
// fx_lossy_encode makes *self at its first call.
int fx_lossy_encode(fx_lossy **self, int format, int quality, AVFrame *f, fx_picture *out);
void fx_lossy_free(fx_lossy **self);

#endif
