package domain

import "time"

// Notice is a job that has ended as its owner is to be told of it.
type Notice struct {
	Job      Job
	Wanted   bool   // the owner wants mail about such an end
	Language string // of that mail, BCP 47; empty when nothing is known
}

// NewNotice reads the owner's settings; p is complete with its defaults.
func NewNotice(job Job, p Preferences) Notice {
	keys, _ := p["notifications"].(map[string]any)
	n := Notice{Job: job, Language: job.Owner.Locale}
	if language, ok := keys["language"].(string); ok {
		n.Language = language
	}
	about := map[Status]string{Completed: "job_completion", Failed: "job_failure"}[job.Status]
	n.Wanted = about != "" && flag(keys, "email_enabled", true) && flag(keys, about, true)
	return n
}

// Ended is a job that has ended in one of the ways that are told.
type Ended struct {
	JobID  string
	Status Status // Completed or Failed
	At     time.Time
}
