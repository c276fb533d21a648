package domain

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Search asks for a page of users, the newest first.
type Search struct {
	Text   string // part of an e-mail, a username or a name, in any letter case; empty is everybody
	Status Status // empty is any
	Role   Role   // empty is any
	After  Place
	Limit  int
}

// Place is where a page of users begins: after this one. The zero value is the beginning.
type Place struct {
	CreatedAt time.Time
	ID        string
}

// PlaceOf is where the page after a user begins.
func PlaceOf(u User) Place { return Place{CreatedAt: u.CreatedAt, ID: u.ID} }

// Cursor writes a place for clients, who must not read anything into it.
func (p Place) Cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.CreatedAt.UnixMicro(), 10) + " " + p.ID))
}

// ParsePlace is the inverse of Cursor; empty is the beginning.
func ParsePlace(s string) (Place, error) {
	if s == "" {
		return Place{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return Place{}, ErrBadCursor
	}
	number, id, _ := strings.Cut(string(raw), " ")
	at, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !uuidForm.MatchString(id) {
		return Place{}, ErrBadCursor
	}
	return Place{CreatedAt: time.UnixMicro(at).UTC(), ID: id}, nil
}
