package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/bus/kafka"
	busmemory "github.com/fiapx/fiapx/platform/bus/memory"
	cachememory "github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/cache/redis"
	"github.com/fiapx/fiapx/platform/observe"
)

// topics are those that a deployment over Kafka has.
var topics = []string{videos.TopicJobs}

const inMemory = "memory of this process"

// openCache makes the cache: Redis where one is configured. A Redis that does not answer stops no start and fails no
// probe, because every user of the cache has a rule for that.
func (p *process) openCache() error {
	if !p.cfg.Redis.Enabled() {
		p.cache = cachememory.New(p.now)
		return nil
	}
	r, err := redis.Open(p.cfg.Redis, p.now)
	if err != nil {
		return err
	}
	p.cache, p.redis = r, r
	p.server.Watch("cache", "redis", "memory", r.Ping)
	p.showMode("fiapx_cache_mode", "Where shared facts are kept; 1 for the mode in use.", "redis", "memory", func(ctx context.Context) bool {
		return r.Ping(ctx) == nil
	})
	return nil
}

// openBus makes the bus: Kafka where brokers are configured and this process has something to say or to hear.
func (p *process) openBus() error {
	if !p.cfg.Kafka.Enabled() || !p.target.talks() {
		p.bus = busmemory.New(p.log)
		return nil
	}
	k, err := kafka.New(p.cfg.Kafka, p.log, topics...)
	if err != nil {
		return err
	}
	p.bus, p.kafka = k, k
	p.services = append(p.services, k.Service())
	p.server.Watch("bus", kafka.ModeKafka, kafka.ModePoll, k.Check)
	p.showMode("fiapx_bus_mode", "How workers hear of jobs; 1 for the mode in use.", kafka.ModeKafka, kafka.ModePoll, func(ctx context.Context) bool {
		return k.Check(ctx) == nil
	})
	return nil
}

// showMode measures which of two modes is in use.
func (p *process) showMode(name, help, with, without string, good func(context.Context) bool) {
	p.metrics.Sampled(name, help, []string{"mode"}, func(ctx context.Context) ([]observe.Sample, error) {
		samples := []observe.Sample{{Labels: []string{with}}, {Labels: []string{without}}}
		used := &samples[1]
		if good(ctx) {
			used = &samples[0]
		}
		used.Value = 1
		return samples, nil
	})
}

// closeServers ends the connections to them: the bus before the cache.
func (p *process) closeServers() (errs []error) {
	if p.kafka != nil {
		errs = append(errs, p.kafka.Close())
	}
	if p.redis != nil {
		errs = append(errs, p.redis.Close())
	}
	return errs
}

// resolved says where cache and bus are.
func (p *process) resolved() (cache, bus string) {
	cache, bus = inMemory, inMemory
	if p.redis != nil {
		cache = "Redis"
	}
	if p.kafka != nil {
		bus = "Kafka at " + strings.Join(p.cfg.Kafka.Brokers, ",")
	}
	return cache, bus
}

// isolated warns of what does not work between the processes of a split deployment.
func (p *process) isolated(ctx context.Context) {
	if p.redis == nil {
		p.log.WarnContext(ctx, "the cache reaches only this process: the others ask serve-auth for ended sessions every two seconds, and limits of attempts are counted by each process for itself; set FIAPX_REDIS_URL to share it")
	}
	if p.kafka == nil && p.target.talks() {
		p.log.WarnContext(ctx, "the bus reaches only this process: workers find jobs of others by polling; set FIAPX_KAFKA_BROKERS to tell them")
	}
}

// ensureTopics makes the topics as a step of migration.
func ensureTopics(ctx context.Context, cfg Config, log *slog.Logger) (made []Migration, err error) {
	if !cfg.Kafka.Enabled() {
		return nil, nil
	}
	all, err := kafka.Ensure(ctx, cfg.Kafka, topics...)
	now := time.Now().UTC()
	for _, t := range all {
		if t.Created {
			made = append(made, Migration{Module: "kafka", Name: "topic " + t.Name, Applied: &now})
		} else if t.Partitions < cfg.Kafka.Partitions {
			log.WarnContext(ctx, "topic has fewer partitions than configured and stays so, because more would put events out of order",
				"topic", t.Name, "partitions", t.Partitions, "configured", cfg.Kafka.Partitions)
		}
	}
	return made, err
}

// lookAtTopics lists them; Kafka tells no time of their making.
func lookAtTopics(ctx context.Context, cfg Config) (pending []Migration, err error) {
	if !cfg.Kafka.Enabled() {
		return nil, nil
	}
	all, err := kafka.Look(ctx, cfg.Kafka, topics...)
	for _, t := range all {
		if t.Missing {
			pending = append(pending, Migration{Module: "kafka", Name: "topic " + t.Name})
		}
	}
	return pending, err
}

func checkCache(ctx context.Context, cfg Config) (string, error) {
	if !cfg.Redis.Enabled() {
		return inMemory + "; set FIAPX_REDIS_URL to share it", nil
	}
	r, err := redis.Open(cfg.Redis, time.Now)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	if err := r.Ping(ctx); err != nil {
		return "", fmt.Errorf("there is no answer from Redis; check FIAPX_REDIS_URL and its password: %w", cause(err))
	}
	policy, err := r.Policy(ctx)
	if err == nil && policy != "" && policy != "noeviction" {
		return "", fmt.Errorf("the maxmemory-policy of Redis is %s, which drops keys, and with them revocations, when memory is full; set it to noeviction", policy)
	}
	return "Redis answers", nil
}

func checkBus(ctx context.Context, cfg Config) (string, error) {
	if !cfg.Kafka.Enabled() {
		return inMemory + "; set FIAPX_KAFKA_BROKERS to share it", nil
	}
	all, err := kafka.Look(ctx, cfg.Kafka, topics...)
	if err != nil {
		return "", err
	}
	for _, t := range all {
		if t.Missing {
			return "", fmt.Errorf("there is no topic %s; make it with 'fiapx migrate up'", t.Name)
		}
	}
	return "Kafka answers, and has its topics", nil
}

// cause is what an operator wants to know of a fault.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
