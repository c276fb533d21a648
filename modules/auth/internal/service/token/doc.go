// Package token signs access tokens and reads them back. Private keys are stored encrypted, or given in
// files, and never leave this package; the public set is what the rest of the world verifies with. When keys change is the
// use cases' business. Refresh tokens are not its business:
// they are random and mean something to the database only.
package token
