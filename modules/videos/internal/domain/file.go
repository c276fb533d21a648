package domain

import (
	"context"
	"io"
	"time"
)

// Sink collects one stored file. After Commit it is durable and visible; after Abort nothing is left of it.
type Sink interface {
	io.Writer
	Commit(ctx context.Context) error
	Abort() error
}

// Stored is one file of the storage.
type Stored struct {
	Key      string
	Size     int64
	Modified time.Time
}
