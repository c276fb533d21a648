package kafka

import (
	"encoding/base64"
	"strings"
	"testing"
)

// Signing needs no network where the credentials are in the environment.
func TestIAMTokenIsSignedForTheRegionAndReused(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	p := &iam{region: "sa-east-1"}
	first, err := p.Token()
	if err != nil {
		t.Fatal(err)
	}
	url, err := base64.RawURLEncoding.DecodeString(first.Token)
	if err != nil || !strings.Contains(string(url), "kafka.sa-east-1.amazonaws.com") || !strings.Contains(string(url), "AKIDEXAMPLE") {
		t.Errorf("the token is %s, %v", url, err)
	}
	if strings.Contains(string(url), "secret&") {
		t.Error("the token shows the secret")
	}
	second, err := p.Token()
	if err != nil || second.Token != first.Token {
		t.Errorf("another token for the second connection, %v", err)
	}
	p.expires = p.expires.AddDate(0, 0, -1)
	if _, err := p.Token(); err != nil || p.expires.IsZero() {
		t.Errorf("an old token is not replaced: %v", err)
	}
}
