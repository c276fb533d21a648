package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/IBM/sarama"
)

// Topic is a topic as it is.
type Topic struct {
	Name        string `json:"name"`
	Partitions  int    `json:"partitions"`
	Replication int    `json:"replication"`
	Created     bool   `json:"created"` // by this call
	Missing     bool   `json:"missing"`
}

// Ensure makes the topics that are missing. Existing ones stay as they are: more partitions would put the messages of a key
// out of order. Several callers at once do no harm.
func Ensure(ctx context.Context, cfg Config, names ...string) ([]Topic, error) {
	return visit(ctx, cfg, names, true)
}

// Look tells how the topics are and changes nothing.
func Look(ctx context.Context, cfg Config, names ...string) ([]Topic, error) {
	return visit(ctx, cfg, names, false)
}

func visit(ctx context.Context, cfg Config, names []string, create bool) (topics []Topic, err error) {
	s, err := cfg.base()
	if err != nil {
		return nil, err
	}
	s.Metadata.Full, s.Metadata.Retry.Max = true, 5 // the library asks for all topics to find the controller, which may just have moved
	admin, err := sarama.NewClusterAdmin(cfg.Brokers, s)
	if err != nil {
		return nil, fmt.Errorf("reach a broker of FIAPX_KAFKA_BROKERS: %w", err)
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return topics, err
		}
		topic, err := look(admin, cfg.Prefix+name)
		if err == nil && topic.Missing && create {
			topic, err = add(admin, cfg, cfg.Prefix+name)
		}
		if err != nil {
			return topics, fmt.Errorf("topic %s: %w", cfg.Prefix+name, err)
		}
		topics = append(topics, topic)
	}
	return topics, nil
}

func look(admin sarama.ClusterAdmin, name string) (Topic, error) {
	all, err := admin.DescribeTopics([]string{name})
	if err != nil {
		return Topic{}, err
	}
	t := Topic{Name: name}
	for _, d := range all {
		switch {
		case errors.Is(d.Err, sarama.ErrUnknownTopicOrPartition):
			t.Missing = true
		case d.Err != sarama.ErrNoError:
			return t, d.Err
		default:
			t.Partitions = len(d.Partitions)
			if t.Partitions > 0 {
				t.Replication = len(d.Partitions[0].Replicas)
			}
		}
	}
	return t, nil
}

func add(admin sarama.ClusterAdmin, cfg Config, name string) (Topic, error) {
	detail := &sarama.TopicDetail{NumPartitions: int32(cfg.Partitions), ReplicationFactor: int16(cfg.Replication)}
	if cfg.Replication == 0 {
		detail.ReplicationFactor = -1
	}
	err := admin.CreateTopic(name, detail, false)
	if errors.Is(err, sarama.ErrTopicAlreadyExists) { // another one was faster
		return Topic{Name: name, Partitions: cfg.Partitions, Replication: cfg.Replication}, nil
	}
	return Topic{Name: name, Partitions: cfg.Partitions, Replication: cfg.Replication, Created: err == nil}, err
}
