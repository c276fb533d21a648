package part_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"
	"testing/iotest"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/service/part"
)

func written(t *testing.T) ([]byte, []domain.Image, domain.Report) {
	t.Helper()
	images := []domain.Image{
		{Index: 8, Instant: 3.5, PTS: 3.4666666, Frame: 104, Type: "B", Width: 4, Height: 2, Data: []byte("first"), Thumb: []byte{1, 2, 3}, ThumbWidth: 1, ThumbHeight: 1},
		{Index: 9, Instant: 4, Frame: -1, Data: bytes.Repeat([]byte("second"), 50_000)},
	}
	report := domain.Report{Info: domain.Info{Codec: "h264", Width: 4, Height: 2, Duration: 9}, Frames: 2, Truncated: true, Toned: true}
	var out bytes.Buffer
	w := part.NewWriter(&out)
	for _, img := range images {
		if err := w.Add(img); err != nil {
			t.Fatal(err)
		}
	}
	made, err := w.Close(report)
	if err != nil || made.Frames != 2 || made.Size != int64(out.Len()) {
		t.Fatalf("%+v %v, want %d bytes", made, err, out.Len())
	}
	return out.Bytes(), images, report
}

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	data, images, report := written(t)
	var got []domain.Image
	r, err := part.Read(bytes.NewReader(data), func(img domain.Image) error {
		got = append(got, img)
		return nil
	})
	if err != nil || !reflect.DeepEqual(r, report) || !reflect.DeepEqual(got, images) {
		t.Errorf("%+v %v", r, err)
	}
}

func TestNothingButAWholePartIsOne(t *testing.T) {
	t.Parallel()
	data, _, _ := written(t)
	none := func(domain.Image) error { return nil }
	for name, bad := range map[string][]byte{"empty": nil, "cut": data[:len(data)-3], "cut between records": data[:len(data)/2], "text": []byte("PK of something else")} {
		if _, err := part.Read(bytes.NewReader(bad), none); !errors.Is(err, part.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	outage := errors.New("the bucket is away")
	if _, err := part.Read(io.MultiReader(bytes.NewReader(data[:100]), iotest.ErrReader(outage)), none); !errors.Is(err, outage) || errors.Is(err, part.ErrBroken) {
		t.Errorf("a source that fails: %v", err)
	}
	if _, err := part.Read(bytes.NewReader(data), func(domain.Image) error { return outage }); !errors.Is(err, outage) {
		t.Errorf("a receiver that fails: %v", err)
	}
}
