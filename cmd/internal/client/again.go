package client

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

const (
	// uploadTries is how often an upload is begun. With the pauses between them a server may take a minute to come back.
	uploadTries  = 7
	longestPause = 20 * time.Second
)

// again says whether the same upload may succeed later. What the server says of the video or of the request is final.
func again(err error, try int) bool {
	if try+1 >= uploadTries {
		return false
	}
	switch f := fault.From(err); f.Code {
	case "client.unreachable", "videos.submission_in_progress", "videos.upload_stalled":
		return true
	case "videos.storage_full", "blob.full":
		return false // which a minute does not change
	default:
		return f.Kind == fault.Unavailable || f.Kind == fault.Internal && try == 0
	}
}

// pauseBefore is how long to wait before the next try: as long as the server asks for, or twice as long each time.
func pauseBefore(err error, try int) time.Duration {
	if asked := fault.From(err).RetryAfter; asked > 0 {
		return min(asked, longestPause)
	}
	return min(time.Second<<try, longestPause)
}

// Wait returns early, with the cause, when ctx ends.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
