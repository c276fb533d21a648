package videos

// Names of the published facts; the payloads are contract 4.2's, keyed by job id on TopicJobs.
const (
	TopicJobs = "video_jobs"

	JobSubmitted = "job_submitted"
	JobStarted   = "job_started"
	JobCompleted = "job_completed"
	JobFailed    = "job_failed"
	JobCancelled = "job_cancelled"
)
