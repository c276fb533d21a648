package engine

import (
	"slices"
	"testing"
)

func TestCutsShareTheWork(t *testing.T) {
	t.Parallel()
	even := func(n int) (out []piece) {
		for i := range n {
			out = append(out, piece{first: 10 * i, last: 10*i + 9, work: 1})
		}
		return out
	}
	for name, tt := range map[string]struct {
		pieces []piece
		share  Share
		want   []int
	}{
		"as many as allowed":       {even(12), Share{Piece: 1, Most: 4}, []int{30, 60, 90}},
		"no part below the least":  {even(12), Share{Piece: 6, Most: 4}, []int{60}},
		"too little for two":       {even(12), Share{Piece: 7, Most: 4}, nil},
		"one piece is not cut":     {even(1), Share{Most: 4}, nil},
		"nothing":                  {nil, Share{Most: 4}, nil},
		"by work, not by images":   {[]piece{{0, 9, 1}, {10, 19, 9}, {20, 29, 1}, {30, 39, 9}}, Share{Most: 2}, []int{20}},
		"not where images overlap": {[]piece{{0, 9, 1}, {8, 19, 1}, {20, 29, 2}}, Share{Most: 4}, []int{20}},
	} {
		if got := cuts(tt.pieces, tt.share); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
