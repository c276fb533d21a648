package host_test

import (
	"testing"
	"testing/fstest"

	"github.com/fiapx/fiapx/modules/videos/internal/service/host"
)

func proc(stat, meminfo string) fstest.MapFS {
	return fstest.MapFS{"stat": {Data: []byte(stat)}, "meminfo": {Data: []byte(meminfo)}}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	fs := proc("cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3 4\n", "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\n")
	h := host.New(fs)
	if got := h.CPU(); got == nil || *got != 20 {
		t.Errorf("since boot: %v, want 20", got)
	}
	fs["stat"].Data = []byte("cpu  175 0 100 725 100 0 0 0 99 0\n")
	if got := h.CPU(); got == nil || *got != 75 {
		t.Errorf("since the last call: %v, want 75", got)
	}
	if got := h.CPU(); got == nil || *got != 75 {
		t.Errorf("when no time has passed: %v, want the last figure", got)
	}
	if got := h.Memory(); got == nil || *got != 75 {
		t.Errorf("memory: %v, want 75", got)
	}
}

func TestSilenceRatherThanInvention(t *testing.T) {
	t.Parallel()
	for _, fs := range []fstest.MapFS{{}, proc("", ""), proc("cpu a b c d e f", "MemTotal: x"), proc("cpu 1 2", "MemTotal: 5 kB\nMemAvailable: 6 kB")} {
		h := host.New(fs)
		if cpu, memory := h.CPU(), h.Memory(); cpu != nil || memory != nil {
			t.Errorf("%v: %v %v", fs, cpu, memory)
		}
	}
}
