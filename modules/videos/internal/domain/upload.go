package domain

import (
	"bytes"
	"io"
	"mime"
	"strings"

	"github.com/fiapx/fiapx/platform/fault"
)

// Part is one part of the submission form. Content is valid until the next part is asked for.
type Part struct {
	Name        string
	File        bool // it has a file name, be it an empty one
	Filename    string
	ContentType string
	Content     io.Reader
}

// Parts gives the parts of a submission form in the order in which the client sends them; io.EOF after the last.
type Parts interface {
	Next() (Part, error)
}

// Submission is a request for a job whose video comes with it.
type Submission struct {
	Owner    Owner
	Key      string // as ParseKey gives it; empty is none
	Declared int64  // length of the body in bytes, -1 when the client does not say
	Parts    Parts
}

// SniffLen is how many leading bytes LooksLikeVideo wants to see: those of its longest sign.
const SniffLen = 16

// CheckContentType accepts what a client may call a video. An absent type is accepted too: the content decides.
func CheckContentType(value string) error {
	if value == "" {
		return nil
	}
	kind, _, err := mime.ParseMediaType(value)
	if err == nil && (strings.HasPrefix(kind, "video/") || kind == "application/octet-stream") {
		return nil
	}
	return ErrContentType
}

var (
	ebml = []byte{0x1A, 0x45, 0xDF, 0xA3}
	asf  = []byte{0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C}
	// Boxes that an ISO media or QuickTime file may begin with; old QuickTime files have no ftyp.
	boxes = []string{"ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "uuid"}
)

// LooksLikeVideo tells by its first bytes whether the file can be of an accepted kind. It keeps playlists, pictures and
// archives away from the demuxers; the verdict on the rest is the probe's.
func LooksLikeVideo(head []byte) bool {
	switch {
	case bytes.HasPrefix(head, ebml), bytes.HasPrefix(head, asf), bytes.HasPrefix(head, []byte("FLV\x01")):
		return true
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "AVI ":
		return true
	case len(head) < 8:
		return false
	}
	for _, b := range boxes {
		if string(head[4:8]) == b {
			return true
		}
	}
	return false
}

// TooLarge is ErrTooLarge with the limit in it.
func TooLarge(limit int64) *fault.Error {
	return ErrTooLarge.Sayf("File size exceeds maximum limit of %s; upload a smaller file.", Size(limit))
}
