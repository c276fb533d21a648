package presenter

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// limitBody reads the body before anything else does and refuses one above the limit, so that the validation never
// parses more than may be stored.
func limitBody(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			raw, err := io.ReadAll(io.LimitReader(c.Request().Body, limit+1))
			if err != nil {
				return fault.New(fault.Invalid, "request.unreadable", "The request body cannot be read; send it again.").Because(err)
			}
			if int64(len(raw)) > limit {
				return domain.ErrPreferencesTooLarge
			}
			c.Request().Body = io.NopCloser(bytes.NewReader(raw))
			return next(c)
		}
	}
}

// GetPreferences answers with the user's settings.
func (s *Server) GetPreferences(c echo.Context) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	prefs, err := s.Preferences.Do(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, prefs)
}

// PutPreferences merges the body into the user's settings.
func (s *Server) PutPreferences(c echo.Context) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	patch := domain.Preferences{}
	dec := json.NewDecoder(c.Request().Body)
	dec.UseNumber() // unknown keys are returned with the digits they came with
	if err := dec.Decode(&patch); err != nil {
		return notAnObject(err)
	}
	if err := s.Preferences.Change(c.Request().Context(), who.ID, patch); err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, PreferencesStored{
		Message: "Processing preferences updated successfully", Timestamp: s.now(),
	})
}

func notAnObject(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fault.Fieldf("", "dict_type", "Input should be a valid dictionary.")
	}
	return fault.New(fault.Unprocessable, "request.invalid_json", "The request body is not valid JSON; check its syntax.").Because(err)
}
