package processing

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
	"github.com/fiapx/fiapx/modules/processing/internal/service/room"
	"github.com/fiapx/fiapx/platform/config"
)

// Config is what an operator sets of the worker.
type Config struct {
	Concurrency int           `env:"FIAPX_CONCURRENCY,PROCESSING_MAX_CONCURRENT_JOBS_PER_WORKER" default:"2" help:"jobs that a worker runs at a time; 0 is one for each core that the machine or its cgroup grants"`
	JobMemory   config.Bytes  `env:"FIAPX_WORKER_JOB_MEMORY" default:"512MiB" help:"memory that must be left, in the machine and in its cgroup, for a worker to begin another job beside those that run; 0 does not look"`
	Threads     int           `env:"FIAPX_THREADS" default:"0" help:"cores that one job may use; 0 is all that the machine or its cgroup grants"`
	SplitAfter  time.Duration `env:"FIAPX_SPLIT_AFTER" default:"2m" help:"a job whose work on one core is estimated at this or more is divided among the workers, if there are several; 0 divides none"`
	WorkerID    string        `env:"FIAPX_WORKER_ID" default:"" help:"name of this worker, unique among all; host name and process id when empty"`
	SoftStop    time.Duration `env:"FIAPX_WORKER_SHUTDOWN_TIMEOUT" default:"30s" help:"running jobs may end within this long after a stop, then they go back to the queue"`
	Limits      LimitConfig
}

// LimitConfig contains what a hostile or enormous video can cost.
type LimitConfig struct {
	Pixels  int64         `env:"FIAPX_LIMIT_PIXELS" default:"35389440" help:"width x height of a frame"`
	Streams int           `env:"FIAPX_LIMIT_STREAMS" default:"64" help:"streams of a file"`
	Packets int           `env:"FIAPX_LIMIT_PACKETS" default:"8000000" help:"packets of the video stream, which is about its frames"`
	Repeats int           `env:"FIAPX_LIMIT_REPEATS" default:"20000" help:"images in a row from one picture, where time stamps leap"`
	Output  config.Bytes  `env:"FIAPX_LIMIT_OUTPUT" default:"64GiB" help:"bytes of images of one job"`
	CPU     time.Duration `env:"FIAPX_LIMIT_CPU" default:"4h" help:"processor time of a decoding process, all its threads together"`
	Frames  int           `env:"FIAPX_LIMIT_FRAMES" default:"1000000" help:"images of one job; a job that is cut here says so"`
	Memory  config.Bytes  `env:"FIAPX_LIMIT_MEMORY" default:"2GiB" help:"memory of a decoding process"`
	Time    time.Duration `env:"FIAPX_JOB_TIMEOUT" default:"60m" help:"longest time an attempt may take"`
	Stall   time.Duration `env:"FIAPX_LIMIT_STALL" default:"60s" help:"a decoder that does nothing for this long is stopped"`
	Probe   time.Duration `env:"FIAPX_LIMIT_PROBE" default:"30s" help:"longest time a look at an upload may take"`
}

// DefaultConfig is the configuration of an operator who sets nothing.
func DefaultConfig() Config {
	d := engine.DefaultLimits()
	return Config{
		Concurrency: 2, JobMemory: 512 << 20, SplitAfter: 2 * time.Minute, SoftStop: 30 * time.Second,
		Limits: LimitConfig{
			Pixels: d.Pixels, Streams: d.Streams, Packets: d.Packets, Repeats: d.Repeats, Frames: d.Frames,
			Output: config.Bytes(d.Output), CPU: d.CPU, Memory: config.Bytes(d.Memory), Time: d.Wall, Stall: d.Stall, Probe: d.Probe,
		},
	}
}

// Validate names every setting that cannot work and the remedy.
func (c Config) Validate() error {
	var problems []error
	if c.Concurrency < 0 {
		problems = append(problems, fmt.Errorf("FIAPX_CONCURRENCY is %d; set a number of jobs, or 0 for one per core", c.Concurrency))
	}
	if c.JobMemory < 0 {
		problems = append(problems, errors.New("FIAPX_WORKER_JOB_MEMORY is negative; set a size like 512MiB, or 0 not to look"))
	}
	if c.Threads < 0 {
		problems = append(problems, fmt.Errorf("FIAPX_THREADS is %d; set a number of cores, or 0 for all", c.Threads))
	}
	if c.SplitAfter < 0 {
		problems = append(problems, fmt.Errorf("FIAPX_SPLIT_AFTER is %s; set a duration like 2m, or 0 to divide no job", c.SplitAfter))
	}
	if c.SoftStop < 0 {
		problems = append(problems, fmt.Errorf("FIAPX_WORKER_SHUTDOWN_TIMEOUT is %s; set a duration like 30s", c.SoftStop))
	}
	return errors.Join(append(problems, c.Limits.problems()...)...)
}

// slots is how many jobs run at a time. The runtime knows the processor quota of the cgroup.
func (c Config) slots() int {
	if c.Concurrency > 0 {
		return c.Concurrency
	}
	return runtime.GOMAXPROCS(0)
}

// room says how many more jobs the memory is enough for.
func (c Config) room() func() int {
	if c.JobMemory == 0 {
		return nil
	}
	return func() int {
		free, known := room.Free(os.DirFS("/"))
		if !known {
			return math.MaxInt
		}
		return int(free / int64(c.JobMemory))
	}
}

// minMemory is what a decoding process needs for itself; below it no video would work.
const minMemory = 256 << 20

func (c LimitConfig) problems() (problems []error) {
	for _, l := range []struct {
		name  string
		wrong bool
	}{
		{"FIAPX_LIMIT_PIXELS", c.Pixels < 1},
		{"FIAPX_LIMIT_STREAMS", c.Streams < 1},
		{"FIAPX_LIMIT_FRAMES", c.Frames < 1},
		{"FIAPX_LIMIT_PACKETS", c.Packets < 1},
		{"FIAPX_LIMIT_REPEATS", c.Repeats < 1},
		{"FIAPX_LIMIT_OUTPUT", c.Output < 1},
		{"FIAPX_LIMIT_CPU", c.CPU < time.Second},
		{"FIAPX_JOB_TIMEOUT", c.Time <= 0},
		{"FIAPX_LIMIT_STALL", c.Stall <= 0},
		{"FIAPX_LIMIT_PROBE", c.Probe <= 0},
	} {
		if l.wrong {
			problems = append(problems, fmt.Errorf("%s must be above 0; remove it to use the default", l.name))
		}
	}
	if c.Memory < minMemory {
		problems = append(problems, errors.New("FIAPX_LIMIT_MEMORY is too little for any decoder; set 256MiB or more"))
	}
	return problems
}

func (c LimitConfig) limits() engine.Limits {
	return engine.Limits{
		Pixels: c.Pixels, Streams: c.Streams, Packets: c.Packets, Repeats: c.Repeats, Frames: c.Frames,
		Output: int64(c.Output), CPU: c.CPU, Memory: int64(c.Memory), Wall: c.Time, Stall: c.Stall, Probe: c.Probe,
	}
}
