package videos

import (
	"errors"
	"fmt"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/config"
)

// Config is what an operator sets of the module.
type Config struct {
	MaxFileSize   config.Bytes  `env:"FIAPX_MAX_FILE_SIZE" help:"largest upload; 500MiB when neither this nor PROCESSING_MAX_FILE_SIZE_MB is set"`
	MaxFileSizeMB int64         `env:"PROCESSING_MAX_FILE_SIZE_MB" default:"0" help:"the same in megabytes, as the original names it"`
	MaxDisk       float64       `env:"FIAPX_MAX_DISK_USAGE_PERCENT,STORAGE_MAX_DISK_USAGE_PERCENT" default:"85" help:"above this the storage takes no new uploads"`
	Uploads       int           `env:"FIAPX_MAX_UPLOADS" default:"1000" help:"uploads in flight in this process"`
	UserUploads   int           `env:"FIAPX_MAX_UPLOADS_PER_USER" default:"4" help:"uploads in flight of one user"`
	UploadStall   time.Duration `env:"FIAPX_UPLOAD_STALL" default:"60s" help:"an upload that sends nothing for this long is given up"`

	Lease       time.Duration `env:"FIAPX_LEASE" default:"60s" help:"a worker that is silent for this long has lost its jobs"`
	Heartbeat   time.Duration `env:"FIAPX_HEARTBEAT" default:"15s" help:"workers renew their leases this often"`
	Rescue      time.Duration `env:"FIAPX_RESCUE_INTERVAL" default:"10s" help:"how often lost jobs are looked for"`
	MaxAttempts int           `env:"FIAPX_MAX_ATTEMPTS" default:"5" help:"attempts of a job when the infrastructure fails"`
	MaxCrashes  int           `env:"FIAPX_MAX_CRASHES" default:"2" help:"crashes after which a job has failed"`
	MaxRunning  int           `env:"FIAPX_MAX_RUNNING_JOBS" default:"0" help:"jobs that run at a time on all workers together; 0 is no limit"`
	UserRunning int           `env:"FIAPX_MAX_RUNNING_JOBS_PER_USER" default:"0" help:"jobs of one user that run at a time; 0 is no limit"`
	Turn        time.Duration `env:"FIAPX_QUEUE_TURN" default:"5m" help:"a waiting job stands back this long for each job of its owner before it, so that many jobs of one user do not hold up another's"`
	Step        time.Duration `env:"FIAPX_QUEUE_PRIORITY_STEP" default:"15m" help:"a level of priority is worth this much waiting; a low job is overtaken no longer than three of these"`
	MaxPriority string        `env:"FIAPX_MAX_PRIORITY" default:"high" help:"highest priority that users may ask for: low, normal, high or urgent; administrators may always ask for any"`
	JobTimeout  time.Duration `env:"FIAPX_JOB_TIMEOUT" default:"60m" help:"longest time an attempt may take; shown by the health route"`

	RelayInterval   time.Duration `env:"FIAPX_RELAY_INTERVAL" default:"2s" help:"how often the outbox is looked at when nothing rings"`
	JanitorInterval time.Duration `env:"FIAPX_JANITOR_INTERVAL" default:"1m" help:"how often unfinished deletions are resumed"`
	SweepInterval   time.Duration `env:"FIAPX_SWEEP_INTERVAL" default:"1h" help:"how often files without a job are looked for"`
	OrphanAge       time.Duration `env:"FIAPX_ORPHAN_AGE" default:"1h" help:"files without a job are removed after this long"`
	RetentionDays   int           `env:"FIAPX_RETENTION_DAYS,STORAGE_CLEANUP_OLD_FILES_DAYS" default:"30" help:"ended jobs and their results are deleted after this many days; 0 keeps them"`
}

const defaultMaxFileSize = 500 << 20

// DefaultConfig is the configuration of an operator who sets nothing.
func DefaultConfig() Config {
	return Config{
		MaxDisk: 85, Uploads: 1000, UserUploads: 4, UploadStall: time.Minute,
		Lease: time.Minute, Heartbeat: 15 * time.Second, Rescue: 10 * time.Second, MaxAttempts: 5, MaxCrashes: 2, JobTimeout: time.Hour,
		Turn: 5 * time.Minute, Step: 15 * time.Minute, MaxPriority: "high",
		RelayInterval: 2 * time.Second, JanitorInterval: time.Minute, SweepInterval: time.Hour, OrphanAge: time.Hour, RetentionDays: 30,
	}
}

// MaxUpload is the largest upload in bytes, from whichever of the two settings is there.
func (c Config) MaxUpload() int64 {
	switch {
	case c.MaxFileSize > 0:
		return int64(c.MaxFileSize)
	case c.MaxFileSizeMB > 0:
		return c.MaxFileSizeMB << 20
	}
	return defaultMaxFileSize
}

// Validate names every setting that cannot work and the remedy.
func (c Config) Validate() error {
	var problems []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	refuse(c.MaxFileSize < 0, "FIAPX_MAX_FILE_SIZE is negative; set a size like 500MiB")
	refuse(c.MaxFileSizeMB < 0 || c.MaxFileSizeMB > 1<<40, "PROCESSING_MAX_FILE_SIZE_MB is %d; set a number of megabytes above 0", c.MaxFileSizeMB)
	refuse(c.MaxDisk <= 0 || c.MaxDisk > 100, "FIAPX_MAX_DISK_USAGE_PERCENT is %v; set it between 1 and 100", c.MaxDisk)
	refuse(c.Uploads < 1 || c.UserUploads < 1, "FIAPX_MAX_UPLOADS and FIAPX_MAX_UPLOADS_PER_USER must be at least 1")
	refuse(c.Lease < 3*c.Heartbeat, "FIAPX_LEASE (%s) is shorter than three heartbeats (FIAPX_HEARTBEAT, %s); raise it, or lower the heartbeat", c.Lease, c.Heartbeat)
	refuse(c.MaxAttempts < 1 || c.MaxCrashes < 1, "FIAPX_MAX_ATTEMPTS and FIAPX_MAX_CRASHES must be at least 1")
	refuse(c.MaxRunning < 0 || c.UserRunning < 0, "FIAPX_MAX_RUNNING_JOBS and FIAPX_MAX_RUNNING_JOBS_PER_USER must not be negative; set 0 for no limit")
	refuse(c.Turn < 0 || c.Step < 0, "FIAPX_QUEUE_TURN and FIAPX_QUEUE_PRIORITY_STEP must not be negative; set 0 to switch one off")
	refuse(c.Turn > 24*time.Hour || c.Step > 24*time.Hour, "FIAPX_QUEUE_TURN and FIAPX_QUEUE_PRIORITY_STEP must be at most 24h, or jobs would wait for days")
	_, known := domain.PriorityOf(c.MaxPriority)
	refuse(!known, "FIAPX_MAX_PRIORITY is %q; set low, normal, high or urgent", c.MaxPriority)
	refuse(c.RetentionDays < 0, "FIAPX_RETENTION_DAYS is negative; set 0 to keep ended jobs for ever")
	refuse(c.OrphanAge < 10*time.Minute, "FIAPX_ORPHAN_AGE is %s; set 10m or more, because the newest files may still get their job", c.OrphanAge)
	for name, d := range map[string]time.Duration{
		"FIAPX_HEARTBEAT": c.Heartbeat, "FIAPX_RESCUE_INTERVAL": c.Rescue, "FIAPX_UPLOAD_STALL": c.UploadStall,
		"FIAPX_RELAY_INTERVAL": c.RelayInterval, "FIAPX_JANITOR_INTERVAL": c.JanitorInterval, "FIAPX_SWEEP_INTERVAL": c.SweepInterval,
		"FIAPX_JOB_TIMEOUT": c.JobTimeout,
	} {
		refuse(d <= 0, "%s must be longer than 0; set a duration like 10s", name)
	}
	return errors.Join(problems...)
}
