package engine

import (
	"cmp"
	"slices"
)

// Bits of entry.flags, as in shim.h.
const (
	flagKey     = 1
	flagHidden  = 2  // decoded but not shown (edit list, VP8 alternate reference)
	flagCorrupt = 4  // cut short
	flagEntry   = 8  // decoding may start here and everything after it in presentation order comes out right
	flagNonref  = 16 // no other picture refers to it
)

// entry is what the plan needs of one packet; 40 bytes, so a ten-hour film takes some 40 MB.
type entry struct {
	pts, dts, pos  int64
	size, duration int32
	flags          uint8
	layer          int8
}

func (e entry) has(flag uint8) bool { return e.flags&flag != 0 }

// same tells whether a packet read after a seek is the one that the index describes.
func (e entry) same(o entry) bool { return e.pts == o.pts && e.pos == o.pos && e.size == o.size }

// index lists the packets of the stream in decoding order.
type index struct {
	packets []entry
	shown   []int32 // packets that are shown, in order of presentation
	end     int64   // pts at which the last picture ends
	layer   int8    // highest temporal layer
	skimmed bool    // listed by the container's index: flagNonref, layer, and whether a key packet is an entry are not known
}

// newIndex orders the packets. ok is false when the time stamps do not identify every picture: then only a full decode
// in order can tell which picture is shown when.
func newIndex(packets []entry, missing int64, interval int64) (x *index, ok bool) {
	x = &index{packets: packets, shown: make([]int32, 0, len(packets))}
	for i, e := range packets {
		if e.pts == missing || e.has(flagCorrupt) {
			return x, false
		}
		x.layer = max(x.layer, e.layer)
		if !e.has(flagHidden) {
			x.shown = append(x.shown, int32(i)) // Limits.Packets keeps it below 2^31
		}
	}
	slices.SortStableFunc(x.shown, func(a, b int32) int { return cmp.Compare(packets[a].pts, packets[b].pts) })
	for i := 1; i < len(x.shown); i++ {
		if packets[x.shown[i-1]].pts == packets[x.shown[i]].pts {
			return x, false
		}
	}
	if len(x.shown) == 0 || !packets[0].has(flagEntry) {
		return x, false
	}
	last := packets[x.shown[len(x.shown)-1]]
	x.end = last.pts + interval
	if last.duration > 0 {
		x.end = last.pts + int64(last.duration)
	}
	return x, packets[x.shown[0]].pts >= packets[0].pts
}

// origin is the pts of the first picture.
func (x *index) origin() int64 { return x.packets[x.shown[0]].pts }

// skippable tells whether packet i, as read, can be left out when its picture is not asked for. In HEVC a picture that its
// own temporal layer does not refer to may still serve a higher one, so only the highest layer's count (H.265 7.4.2.2);
// how many layers there are, a skimmed index does not know.
func (x *index) skippable(e entry, layered bool) bool {
	return e.has(flagNonref) && (!layered || !x.skimmed && e.layer == x.layer)
}
