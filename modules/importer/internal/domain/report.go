package domain

// Count is how many rows of one kind were found and what becomes of them.
type Count struct {
	Found   int `json:"found"`
	New     int `json:"new"`     // taken in, or would be
	Known   int `json:"known"`   // here already, left as they are
	Later   int `json:"later"`   // here already, and a file that was missing comes now
	Refused int `json:"refused"` // cannot come
}

// FileCount is how many files of one kind the jobs that come name.
type FileCount struct {
	Found   int   `json:"found"`
	Bytes   int64 `json:"bytes"`   // of those found
	Missing int   `json:"missing"` // or not as the row says
}

// Finding is something amiss with one row. It names rows by id only: e-mail addresses have no place in reports.
type Finding struct {
	Table   string `json:"table"` // users or video_jobs
	ID      string `json:"id"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Refused bool   `json:"refused"` // the row does not come; otherwise it comes all the same
}

// Report is what an import did, or would do.
type Report struct {
	Applied  bool           `json:"applied"`
	Accounts Count          `json:"accounts"`
	Jobs     Count          `json:"jobs"`
	Statuses map[string]int `json:"statuses"` // new jobs by their status here
	Expiring int            `json:"expiring"` // new jobs that ended too long ago for the retention
	Videos   FileCount      `json:"videos"`
	Archives FileCount      `json:"archives"`
	Findings []Finding      `json:"findings"`
}

// Refused is how many rows cannot come.
func (r Report) Refused() int { return r.Accounts.Refused + r.Jobs.Refused }

// Progress is how far an import is.
type Progress struct {
	Applying       bool
	Accounts, Jobs int
}
