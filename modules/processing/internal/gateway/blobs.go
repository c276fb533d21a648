package gateway

import (
	"context"
	"os"

	"github.com/fiapx/fiapx/modules/processing/internal/usecase"
	"github.com/fiapx/fiapx/platform/blob"
)

// Blobs is the blob store in the words of this module.
type Blobs struct {
	Store blob.Store
}

var _ usecase.Storage = Blobs{}

// Open is part of usecase.Storage.
func (b Blobs) Open(ctx context.Context, key string) (usecase.Video, error) {
	r, err := b.Store.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	return Video(r), nil
}

// Create is part of usecase.Storage.
func (b Blobs) Create(ctx context.Context, key string) (usecase.Object, error) {
	w, err := b.Store.Create(ctx, key)
	if err != nil {
		return nil, err
	}
	return object{w}, nil
}

// Delete is part of usecase.Storage.
func (b Blobs) Delete(ctx context.Context, key string) error {
	_, err := b.Store.Delete(ctx, key)
	return err
}

type object struct{ blob.Writer }

// Commit is part of usecase.Object.
func (o object) Commit(ctx context.Context) error {
	_, err := o.Writer.Commit(ctx)
	return err
}

// Video makes a source of a blob. It has File() exactly when the blob has, since by that method the engine tells whether
// its child can be handed a descriptor.
func Video(r blob.Reader) usecase.Video {
	if f, ok := r.(filer); ok {
		return localVideo{video{r}, f}
	}
	return video{r}
}

type filer interface{ File() *os.File }

type video struct{ blob.Reader }

// Size is part of domain.Source.
func (v video) Size() int64 { return v.Info().Size }

type localVideo struct {
	video
	filer
}
