package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Session is what a login leaves behind.
type Session struct {
	Auth     string    `json:"auth"` // base URL of the accounts
	Username string    `json:"username"`
	Access   string    `json:"access_token"`
	Refresh  string    `json:"refresh_token"`
	Expires  time.Time `json:"expires_at"` // of the access token
}

// Store keeps sessions in a file that only its owner can read.
type Store struct {
	Dir string
}

// DefaultStore lies in the user's configuration folder.
func DefaultStore() (Store, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return Store{}, fmt.Errorf("find the folder for the session; set XDG_CONFIG_HOME or HOME: %w", err)
	}
	return Store{Dir: filepath.Join(dir, "fiapx")}, nil
}

// kept is the content of the file.
type kept struct {
	Current string              `json:"current"` // server of the last login
	Servers map[string]*Session `json:"servers"`
}

func (s Store) path() string { return filepath.Join(s.Dir, "credentials.json") }

func (s Store) load() (kept, error) {
	k := kept{Servers: map[string]*Session{}}
	text, err := os.ReadFile(s.path())
	if errors.Is(err, os.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return k, fmt.Errorf("read the session: %w", err)
	}
	if err := json.Unmarshal(text, &k); err != nil {
		return k, fmt.Errorf("read the session; remove %s and log in again: %w", s.path(), err)
	}
	if k.Servers == nil {
		k.Servers = map[string]*Session{}
	}
	return k, nil
}

// put keeps the session of a server, or forgets it when nil. The file is replaced as a whole.
func (s Store) put(server string, session *Session) error {
	k, err := s.load()
	if err != nil {
		return err
	}
	if session == nil {
		delete(k.Servers, server)
	} else {
		k.Servers[server] = session
		k.Current = server
	}
	text, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	if err := s.write(text); err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	return nil
}

func (s Store) write(text []byte) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	part, err := os.CreateTemp(s.Dir, "credentials-*.part") // made for its owner alone
	if err != nil {
		return err
	}
	_, err = part.Write(text)
	err = errors.Join(err, part.Close())
	if err == nil {
		err = os.Rename(part.Name(), s.path())
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return nil
}
