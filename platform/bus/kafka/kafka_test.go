package kafka_test

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"go.uber.org/goleak"

	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/bus/bustest"
	"github.com/fiapx/fiapx/platform/bus/kafka"
)

func TestMain(m *testing.M) {
	// The library's meters share one goroutine that lives as long as the process.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"))
}

// fake starts brokers inside this process.
func fake(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

func settings(brokers ...string) kafka.Config {
	return kafka.Config{Brokers: brokers, Protocol: "PLAINTEXT", Mechanism: "PLAIN", Partitions: 3}
}

// real are the brokers of a Kafka that tests may make topics in.
func realBrokers(t *testing.T) []string {
	t.Helper()
	brokers := os.Getenv("FIAPX_TEST_KAFKA") //nolint:forbidigo // where the servers of the tests are is told to tests alone
	if brokers == "" {
		t.Skip("FIAPX_TEST_KAFKA is not set: ./tools/test starts an Apache Kafka where Java is to be had, and sets it")
	}
	return strings.Split(brokers, ",")
}

func open(t *testing.T, cfg kafka.Config, topics ...string) *kafka.Bus {
	t.Helper()
	b, err := kafka.New(cfg, slog.New(slog.DiscardHandler), topics...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// provisioned makes each topic before its first use, as 'fiapx migrate up' does.
type provisioned struct {
	*kafka.Bus
	t    *testing.T
	cfg  kafka.Config
	mu   sync.Mutex
	made []string
}

func (p *provisioned) ensure(ctx context.Context, topics ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, topic := range topics {
		if slices.Contains(p.made, topic) {
			continue
		}
		if _, err := kafka.Ensure(context.WithoutCancel(ctx), p.cfg, topic); err != nil {
			p.t.Errorf("make topic: %v", err)
		}
		p.made = append(p.made, topic)
	}
}

func (p *provisioned) Publish(ctx context.Context, messages ...bus.Message) error {
	for _, m := range messages {
		p.ensure(ctx, m.Topic)
	}
	return p.Bus.Publish(ctx, messages...)
}

func (p *provisioned) Consume(ctx context.Context, group string, topics []string, handle bus.Handler) error {
	p.ensure(ctx, topics...)
	return p.Bus.Consume(ctx, group, topics, handle)
}

func TestContract(t *testing.T) {
	t.Parallel()
	bustest.Run(t, func(t *testing.T) bus.Bus {
		t.Helper()
		cfg := settings(fake(t).ListenAddrs()...)
		return &provisioned{Bus: open(t, cfg), t: t, cfg: cfg}
	})
}

// The same contract with Apache Kafka itself, which all subtests share.
func TestContractApacheKafka(t *testing.T) {
	t.Parallel()
	cfg := settings(realBrokers(t)...)
	cfg.Prefix = uuid.NewString() + "-"
	bustest.Run(t, func(t *testing.T) bus.Bus {
		t.Helper()
		return &provisioned{Bus: open(t, cfg), t: t, cfg: cfg}
	})
}
