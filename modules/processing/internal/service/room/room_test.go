package room_test

import (
	"testing"
	"testing/fstest"

	"github.com/fiapx/fiapx/modules/processing/internal/service/room"
)

func TestFreeIsTheLesserOfMachineAndCgroup(t *testing.T) {
	t.Parallel()
	const meminfo = "MemTotal:  4096 kB\nMemAvailable:  2048 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
		ok    bool
	}{
		"nothing known": {nil, 0, false},
		"no cgroup":     {map[string]string{"proc/meminfo": meminfo}, 2 << 20, true},
		"no limit":      {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/memory.current": "1\n"}, 2 << 20, true},
		"a tight one": {map[string]string{
			"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "1000000\n", "sys/fs/cgroup/memory.current": "900000\n",
			"sys/fs/cgroup/memory.stat": "anon 5\ninactive_file 50000\n",
		}, 150000, true},
		"a wide one": {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "9000000\n", "sys/fs/cgroup/memory.current": "0\n"}, 2 << 20, true},
		"used up":    {map[string]string{"sys/fs/cgroup/memory.max": "10\n", "sys/fs/cgroup/memory.current": "20\n"}, 0, true},
		"garbage":    {map[string]string{"proc/meminfo": "MemAvailable: many kB\n\nx\n", "sys/fs/cgroup/memory.max": "?"}, 0, false},
	} {
		root := fstest.MapFS{}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got, ok := room.Free(root); got != c.want || ok != c.ok {
			t.Errorf("%s: %d %v, want %d %v", name, got, ok, c.want, c.ok)
		}
	}
}
