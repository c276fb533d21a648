// Package token signs access tokens and reads them back. The private key lives in one file of the key folder and never
// leaves this package; the public set is what the rest of the world verifies with. Refresh tokens are not its business:
// they are random and mean something to the database only.
package token
