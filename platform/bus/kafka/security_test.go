package kafka_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/bus/kafka"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestSASL(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			t.Parallel()
			cluster := fake(t, kfake.EnableSASL(), kfake.Superuser(mechanism, "fiapx", "sesame"), kfake.SeedTopics(1, "jobs"))
			cfg := settings(cluster.ListenAddrs()...)
			cfg.Protocol, cfg.Mechanism, cfg.User, cfg.Password = "SASL_PLAINTEXT", mechanism, "fiapx", "wrong"
			mustFail(t, open(t, cfg, "jobs").Ping(t.Context()))
			cfg.Password = "sesame"
			b := open(t, cfg, "jobs")
			if err := b.Publish(t.Context(), bus.Message{Topic: "jobs", Key: "k", Value: []byte("{}")}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTLSIsVerified(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil) // for its certificate, which is made out to 127.0.0.1
	defer web.Close()
	cluster := fake(t, kfake.TLS(&tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}), kfake.SeedTopics(1, "jobs"))
	cfg := settings(cluster.ListenAddrs()...)
	cfg.Protocol = "SSL"
	mustFail(t, open(t, cfg, "jobs").Ping(t.Context()))
	cfg.CA = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(cfg.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(t, cfg, "jobs").Ping(t.Context()); err != nil {
		t.Errorf("the certificate is trusted, and yet: %v", err)
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	cfg := settings(fake(t, kfake.SeedTopics(1, "x-old")).ListenAddrs()...)
	cfg.Prefix, cfg.Partitions = "x-", 4
	before, err := kafka.Look(t.Context(), cfg, "old", "new")
	if err != nil || before[0].Missing || before[0].Partitions != 1 || !before[1].Missing {
		t.Fatalf("found %+v, %v", before, err)
	}
	made, err := kafka.Ensure(t.Context(), cfg, "old", "new")
	if err != nil || made[0].Created || !made[1].Created {
		t.Fatalf("made %+v, %v, want the new one", made, err)
	}
	again, err := kafka.Ensure(t.Context(), cfg, "old", "new")
	if err != nil || again[0].Created || again[1].Created || again[1].Partitions != 4 || again[1].Name != "x-new" {
		t.Errorf("found %+v, %v, want x-new with 4 partitions and nothing made", again, err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	bad := kafka.Config{Brokers: []string{"nonsense"}, Protocol: "SASL_SSL", Mechanism: "SCRAM-SHA-512", Replication: -1}
	iam := kafka.Config{Brokers: []string{"b:9098"}, Protocol: "SASL_PLAINTEXT", Mechanism: "AWS_MSK_IAM", Partitions: 1}
	for _, test := range []struct {
		cfg   kafka.Config
		names []string
	}{
		{bad, []string{"FIAPX_KAFKA_BROKERS", "FIAPX_KAFKA_SASL_USERNAME", "FIAPX_KAFKA_PARTITIONS", "FIAPX_KAFKA_REPLICATION"}},
		{iam, []string{"FIAPX_KAFKA_AWS_REGION", "SASL_SSL"}},
		{kafka.Config{Protocol: "TLS", Partitions: 1}, []string{"FIAPX_KAFKA_SECURITY_PROTOCOL"}},
	} {
		err := test.cfg.Validate()
		for _, name := range test.names {
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v does not name %s", err, name)
			}
		}
	}
	if err := settings("localhost:9092").Validate(); err != nil {
		t.Error(err)
	}
}
