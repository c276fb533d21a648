package password

import (
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// Usable tells whether a password can be checked against the hash within the bounds of this package.
func Usable(encoded string) bool {
	if strings.HasPrefix(encoded, "$2") {
		cost, err := bcrypt.Cost([]byte(encoded))
		return err == nil && cost <= maxBcryptCost && len(encoded) == bcryptLength
	}
	p, _, _, err := decode(encoded)
	return err == nil && p.sane()
}

// bcryptLength is that of "$2b$12$" and the 53 characters of salt and hash.
const bcryptLength = 60
