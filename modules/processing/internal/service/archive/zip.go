package archive

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
)

// Entries carry the first day that ZIP knows: equal extractions give equal archives, byte by byte.
const dosEpoch = 1<<5 | 1

// zipped is a ZIP archive on a stream.
type zipped struct {
	out *counter
	zip *zip.Writer
}

func newZIP(w io.Writer) *zipped {
	out := &counter{w: w, hash: sha256.New()}
	return &zipped{out: out, zip: zip.NewWriter(out)}
}

// add stores the image as it is, because images do not deflate. With CRC and sizes known beforehand the local header is
// complete, so that readers which cannot seek find their way without data descriptors.
func (z *zipped) add(name string, data []byte) error {
	h := header(name, zip.Store)
	h.CRC32 = crc32.ChecksumIEEE(data)
	h.CompressedSize64, h.UncompressedSize64 = uint64(len(data)), uint64(len(data))
	w, err := z.zip.CreateRaw(h)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// stream deflates, because what has no known size here is text.
func (z *zipped) stream(name string, write func(io.Writer) error) error {
	w, err := z.zip.CreateHeader(header(name, zip.Deflate))
	if err != nil {
		return err
	}
	return write(w)
}

func (z *zipped) close() (int64, string, error) {
	if err := z.zip.Close(); err != nil {
		return 0, "", err
	}
	return z.out.size, hex.EncodeToString(z.out.hash.Sum(nil)), nil
}

func header(name string, method uint16) *zip.FileHeader {
	const version20, mode = 20, fs.FileMode(0o644)
	h := &zip.FileHeader{Name: name, Method: method, CreatorVersion: version20, ReaderVersion: version20}
	h.ModifiedDate = dosEpoch //nolint:staticcheck // CreateRaw writes this field as it is and ignores Modified.
	h.SetMode(mode)
	return h
}

// counter takes size and digest of what passes.
type counter struct {
	w    io.Writer
	hash hash.Hash
	size int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.size += int64(n)
	c.hash.Write(p[:n])
	return n, err
}
