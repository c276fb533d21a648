package presenter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// UseCases are what the routes call.
type UseCases struct {
	Submit interface {
		Do(ctx context.Context, q domain.Submission) (domain.Submitted, error)
	}
	List interface {
		Do(ctx context.Context, userID, status string, skip, limit int) (domain.Page, error)
		Active(ctx context.Context, userID string) ([]domain.Job, error)
	}
	Show interface {
		Do(ctx context.Context, userID, jobID string) (domain.View, error)
	}
	Plan interface {
		Do(ctx context.Context, userID, jobID string, form map[string]string) (domain.Plan, error)
	}
	Download interface {
		Do(ctx context.Context, userID, jobID string) (domain.Download, error)
		Sent(ctx context.Context, job domain.Job)
		Frames(ctx context.Context, userID, jobID string) ([]string, error)
	}
	Cancel interface {
		Do(ctx context.Context, userID, jobID string) (string, error)
	}
	Retry interface {
		Do(ctx context.Context, userID, jobID string) (string, error)
		Requeue(ctx context.Context, jobID string) (string, error)
		Attempts(ctx context.Context, userID, jobID string) (string, []domain.Attempt, error)
		DeadLetters(ctx context.Context, skip, limit int) (domain.DeadLetters, error)
	}
	Workers interface {
		List(ctx context.Context) ([]domain.Worker, error)
	}
	Delete interface {
		Do(ctx context.Context, userID, jobID string, keepFiles bool) (domain.Deletion, error)
	}
	Preferences interface {
		Do(ctx context.Context, userID string) (domain.Preferences, error)
		Change(ctx context.Context, userID string, patch domain.Preferences) error
	}
	System interface {
		Health(ctx context.Context) domain.Health
		Stats(ctx context.Context) (domain.Stats, error)
	}
}

// Server serves the routes of openapi.yaml.
type Server struct {
	UseCases
	Now   func() time.Time
	Stall time.Duration // an upload that sends nothing for this long is given up
}

var _ ServerInterface = (*Server)(nil)

// API is the document with its validation, ready to be served.
type API struct {
	doc      *openapi3.T
	validate echo.MiddlewareFunc
}

// Compile prepares the validation of requests against the document.
func Compile(doc *openapi3.T) (*API, error) {
	validate, err := httpserver.Validator(doc)
	if err != nil {
		return nil, fmt.Errorf("compile the request validation of videos: %w", err)
	}
	return &API{doc: doc, validate: validate}, nil
}

// Register adds the routes. Authentication runs before anything of the body is read; the document says which operations
// are open to everyone.
func (a *API) Register(r httpserver.Router, s *Server, verifier *authn.Verifier) {
	authenticate := verifier.Middleware()
	chain := map[string][]echo.MiddlewareFunc{}
	for _, item := range a.doc.Paths.Map() {
		for _, op := range item.Operations() {
			var with []echo.MiddlewareFunc
			if op.Security == nil || len(*op.Security) > 0 {
				with = append(with, authenticate, authn.RequireScope(scope(op)))
			}
			if op.OperationID == "putPreferences" {
				with = append(with, limitBody(domain.MaxPreferences))
			}
			chain[op.OperationID] = append(with, a.validate)
			if op.OperationID == "submitVideo" {
				// The validation would read the whole body to look at it; the form checks itself while it streams.
				chain[op.OperationID] = []echo.MiddlewareFunc{hangUp, authenticate, authn.RequireScope(scope(op))}
			}
		}
	}
	RegisterHandlersWithOptions(r, s, RegisterHandlersOptions{OperationMiddlewares: chain})
}

// scope is what a token must allow for the operation. Without one in the document nobody has it: a route that was forgotten is
// closed, not open.
func scope(op *openapi3.Operation) string {
	s, _ := op.Extensions["x-scope"].(string)
	return s
}

// roleAdmin is the role that the access tokens of administrators carry.
const roleAdmin = "admin"

// owner is who makes the request. Without a principal the route was wired without authentication, which must not pass
// for an anonymous user.
func owner(ctx context.Context) (domain.Owner, error) {
	p, ok := authn.FromContext(ctx)
	if !ok || p.UserID == "" {
		return domain.Owner{}, fault.New(fault.Unauthenticated, "auth.missing_token", "Authentication is required; send an access token.")
	}
	return domain.Owner{ID: p.UserID, Email: p.Email, Name: p.Username, Admin: slices.Contains(p.Roles, roleAdmin)}, nil
}
