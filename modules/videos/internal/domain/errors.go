package domain

import "github.com/fiapx/fiapx/platform/fault"

// What can go wrong with a job, in the words the user reads.
var (
	// ErrNotFound answers for absent, deleted, foreign and malformed ids alike: who does not own a job learns nothing of it.
	ErrNotFound = fault.New(fault.NotFound, "videos.not_found", "Job not found or not accessible; check the job id, the job may have been deleted.")
	// ErrNotCompleted says that there is no result yet, or never will be.
	ErrNotCompleted = fault.New(fault.Invalid, "videos.not_completed", "Job is not completed yet or download not available; wait until its status is completed.")
	// ErrNoFrames is ErrNotCompleted for the list of frames.
	ErrNoFrames = fault.New(fault.Invalid, "videos.not_completed", "Job is not completed or frames are not available; wait until its status is completed.")
	// ErrResultGone says that the archive of a completed job is no longer there.
	ErrResultGone = fault.New(fault.NotFound, "videos.result_gone", "Download file not found or has been removed; submit the video again.")
	// ErrCannotCancel says that the job has already ended.
	ErrCannotCancel = fault.New(fault.Invalid, "videos.cannot_cancel", "Cannot cancel a job that has already ended.")
	// ErrCannotRetry says that the job has not failed.
	ErrCannotRetry = fault.New(fault.Invalid, "videos.cannot_retry", "Only a job that has failed can be tried again; submit the video again for another result.")
	// ErrRunning says that a job cannot be deleted while a worker is busy with it.
	ErrRunning = fault.New(fault.Invalid, "videos.job_running", "The job is being processed; cancel it first, then delete it.")
	// ErrLeaseLost tells a worker that another attempt has its job, or that the job has ended or is gone.
	ErrLeaseLost = fault.New(fault.Conflict, "videos.lease_lost", "Another attempt has taken over the job.")
	// ErrBadFilter says that status_filter is none of the states.
	ErrBadFilter = fault.New(fault.Invalid, "videos.invalid_status_filter", "Invalid status filter; use pending, processing, completed, failed or cancelled.")
)

// What can be wrong with an upload.
var (
	ErrNoFile       = fault.Fieldf("video_file", "missing", "Field required: send the video as the file part video_file.")
	ErrNoFilename   = fault.New(fault.Invalid, "videos.filename_required", "Filename is required; send the video with its file name.")
	ErrEmptyFile    = fault.New(fault.Invalid, "videos.empty_file", "File content cannot be empty; choose a video file that has content.")
	ErrExtension    = fault.New(fault.Invalid, "videos.unsupported_format", "Unsupported file format; use MP4, M4V, AVI, MOV, MKV, WebM, WMV or FLV.")
	ErrContentType  = fault.New(fault.Invalid, "videos.not_a_video", "File must be a video file; send it with a video/* or application/octet-stream content type.")
	ErrContent      = fault.New(fault.Invalid, "videos.invalid_video_format", "The content of the file is not a video; check that it plays, or convert it to MP4.")
	ErrTooLarge     = fault.New(fault.TooLarge, "videos.file_too_large", "File size exceeds the maximum; upload a smaller file.")
	ErrManyFiles    = fault.New(fault.Invalid, "videos.too_many_files", "Only one file is accepted per job; submit each video on its own.")
	ErrManyParts    = fault.New(fault.Invalid, "videos.too_many_parts", "The form has too many parts; send the documented fields only.")
	ErrBadForm      = fault.New(fault.Invalid, "videos.malformed_form", "The multipart form cannot be read; check that the upload was not cut off and send it again.")
	ErrNotMultipart = fault.New(fault.Unsupported, "videos.not_multipart", "Send the video as multipart/form-data.")
	ErrDiskFull     = fault.New(fault.Unavailable, "videos.storage_full", "The storage is nearly full and takes no new videos; delete results you no longer need, or try again later.")
	ErrBusy         = fault.New(fault.Unavailable, "videos.too_many_uploads", "Too many uploads are in progress; try again in a moment.")
	ErrUserBusy     = fault.New(fault.RateLimited, "videos.too_many_uploads_of_user", "You have too many uploads in progress; wait until one ends.")
	ErrSlow         = fault.New(fault.Invalid, "videos.upload_stalled", "The upload stalled and was given up; check your connection and send it again.")
)

// What can be wrong with the range, which only the whole form or the probed video shows.
var (
	ErrEndBeforeStart = fault.New(fault.Invalid, "videos.end_before_start", "End time must be greater than start time.")
	ErrStartBeyondEnd = fault.New(fault.Invalid, "videos.start_beyond_end", "Start time is beyond the end of the video; choose an earlier one.")
)
