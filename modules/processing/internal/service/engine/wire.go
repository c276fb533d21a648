package engine

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// The child speaks to its parent in records on its standard output: a kind, two lengths, a JSON head and, for an image,
// its bytes. The parent trusts nothing about them but their shape, and bounds both lengths.
const (
	recordInfo     = 'I' // Info, the answer to a probe
	recordPlan     = 'L' // Planned, the answer to a plan
	recordDivision = 'D' // Division, the answer to a share
	recordImage    = 'F' // Image, then its bytes
	recordProgress = 'P' // Progress
	recordReport   = 'R' // Report, the last record of a success
	recordError    = 'E' // failure, the last record otherwise

	maxHead  = 1 << 20
	maxImage = 256 << 20
)

// request is the one line of JSON that the child gets on its standard input.
type request struct {
	Probe  bool   `json:"probe"`
	Plan   bool   `json:"plan"`
	Divide *Share `json:"divide,omitempty"`
	Size   int64  `json:"size"`
	Remote bool   `json:"remote"` // the descriptor is a socket that answers ranges
	Params Params `json:"params"`
	Limits Limits `json:"limits"`
}

// failure carries a fault across.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Detail  string `json:"detail"`
}

func writeRecord(w io.Writer, kind byte, head any, body []byte) error {
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	prefix := make([]byte, 9, 9+len(text))
	prefix[0] = kind
	binary.LittleEndian.PutUint32(prefix[1:], uint32(len(text)))
	binary.LittleEndian.PutUint32(prefix[5:], uint32(len(body)))
	if _, err := w.Write(append(prefix, text...)); err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

// readRecord returns io.EOF only between records.
func readRecord(r *bufio.Reader) (kind byte, head, body []byte, err error) {
	var prefix [9]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return 0, nil, nil, err
	}
	headLen, bodyLen := binary.LittleEndian.Uint32(prefix[1:]), binary.LittleEndian.Uint32(prefix[5:])
	if headLen > maxHead || bodyLen > maxImage {
		return 0, nil, nil, fmt.Errorf("record of %d and %d bytes", headLen, bodyLen)
	}
	both := make([]byte, int(headLen)+int(bodyLen))
	if _, err := io.ReadFull(r, both); err != nil {
		return 0, nil, nil, io.ErrUnexpectedEOF
	}
	return prefix[0], both[:headLen:headLen], both[headLen:], nil
}
