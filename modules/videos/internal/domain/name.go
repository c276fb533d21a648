package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Formats are the accepted extensions, in the order in which they are shown.
func Formats() []string { return []string{"mp4", "avi", "mov", "mkv", "webm", "wmv", "flv", "m4v"} }

const maxName = 255 // bytes; what common file systems take

// CleanName makes the client's file name fit for display: the last path element of either style, without control,
// format (bidi overrides, zero width) and path characters, at most 255 bytes with the extension kept. The input is in
// NFC. An unusable name gives "".
func CleanName(raw string) string {
	name := raw[strings.LastIndexAny(raw, `/\`)+1:]
	name = strings.Map(displayable, strings.ToValidUTF8(name, ""))
	name = strings.TrimSpace(name)
	if name == "." || name == ".." {
		return ""
	}
	if len(name) <= maxName {
		return name
	}
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 && len(name)-i <= 10 {
		ext = name[i:]
	}
	return cut(name, maxName-len(ext)) + ext
}

func displayable(r rune) rune {
	switch {
	case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
		return -1
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	}
	return r
}

func cut(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Extension returns the lower-case text after the last dot, or ErrExtension when it is none of Formats.
func Extension(name string) (string, error) {
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		ext = strings.ToLower(name[i+1:])
	}
	for _, f := range Formats() {
		if ext == f {
			return ext, nil
		}
	}
	if ext == "" {
		return "", ErrExtension.Sayf("Unsupported file format: the file name has no extension; use %s.", formatNames)
	}
	return "", ErrExtension.Sayf("Unsupported file format: %s; use %s.", shorten(ext), formatNames)
}

const formatNames = "MP4, M4V, AVI, MOV, MKV, WebM, WMV or FLV"

// ArchiveName is the name a downloaded archive is saved under: the stem of the upload and the time of completion.
func ArchiveName(job Job) string {
	stem := job.Filename
	if i := strings.LastIndexByte(stem, '.'); i >= 0 {
		stem = stem[:i]
	}
	stem = strings.ReplaceAll(strings.TrimSpace(stem), " ", "_")
	if stem == "" || job.CompletedAt == nil {
		return job.ID + "_frames.zip"
	}
	suffix := "_frames_" + job.CompletedAt.UTC().Format("20060102_150405") + ".zip"
	if len(stem)+len(suffix) > maxName {
		stem = cut(stem, maxName-len(suffix))
	}
	return stem + suffix
}

// shorten keeps a made-up extension of kilobytes out of the answer.
func shorten(s string) string {
	if len(s) <= 16 {
		return s
	}
	return cut(s, 16) + "…"
}
