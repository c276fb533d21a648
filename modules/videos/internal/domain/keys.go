package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var plainPart = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// keyPart makes a user id fit to be an element of a blob key. Ids of our own issuer are UUIDs and pass as they are;
// the subject of a foreign issuer may be any text.
func keyPart(userID string) string {
	if plainPart.MatchString(userID) {
		return userID
	}
	sum := sha256.Sum256([]byte(userID))
	return "h" + hex.EncodeToString(sum[:])
}

// KeyPrefixes are where the module keeps its blobs.
func KeyPrefixes() []string { return []string{"videos/", "results/"} }

// ParseResultKey takes a key made by ResultKey apart.
func ParseResultKey(key string) (jobID string, token int64, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 || parts[0] != "results" {
		return "", 0, false
	}
	number, zip := strings.CutSuffix(parts[3], ".zip")
	token, err := strconv.ParseInt(number, 10, 64)
	return parts[2], token, zip && err == nil && uuidForm.MatchString(parts[2])
}

// PartKey is where the attempt at a segment that holds token puts its part.
func PartKey(userID, jobID string, number int, token int64) string {
	return fmt.Sprintf("%spart-%d-%d.bin", ResultPrefix(userID, jobID), number, token)
}

var partName = regexp.MustCompile(`^part-([0-9]{1,9})-([0-9]{1,18})\.bin$`)

// ParsePartKey takes a key made by PartKey apart.
func ParsePartKey(key string) (jobID string, number int, token int64, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 || parts[0] != "results" || !uuidForm.MatchString(parts[2]) {
		return "", 0, 0, false
	}
	m := partName.FindStringSubmatch(parts[3])
	if m == nil {
		return "", 0, 0, false
	}
	number, _ = strconv.Atoi(m[1]) // the pattern leaves nothing to fail
	token, _ = strconv.ParseInt(m[2], 10, 64)
	return parts[2], number, token, true
}

// ResultPrefix is where all attempts of a job put their archives and parts.
func ResultPrefix(userID, jobID string) string {
	return "results/" + keyPart(userID) + "/" + jobID + "/"
}
