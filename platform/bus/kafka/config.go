package kafka

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/IBM/sarama"

	"github.com/fiapx/fiapx/platform/config"
)

// Config is what an operator sets.
type Config struct {
	Brokers     []string      `env:"FIAPX_KAFKA_BROKERS,KAFKA_BOOTSTRAP_SERVERS" help:"host:port of some brokers, separated by commas; empty keeps events in each process's memory"`
	Protocol    string        `env:"FIAPX_KAFKA_SECURITY_PROTOCOL,KAFKA_SECURITY_PROTOCOL" default:"PLAINTEXT" help:"PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"`
	CA          string        `env:"FIAPX_KAFKA_CA" help:"file with the certificates (PEM) that sign the brokers' own; those of the system when empty"`
	Mechanism   string        `env:"FIAPX_KAFKA_SASL_MECHANISM,KAFKA_SASL_MECHANISM" default:"PLAIN" help:"PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, or AWS_MSK_IAM with the credentials that AWS gives the process; counts with a SASL protocol"`
	User        string        `env:"FIAPX_KAFKA_SASL_USERNAME,KAFKA_SASL_USERNAME" help:"user of PLAIN and SCRAM"`
	Password    config.Secret `env:"FIAPX_KAFKA_SASL_PASSWORD,KAFKA_SASL_PASSWORD" help:"password of PLAIN and SCRAM"`
	Region      string        `env:"FIAPX_KAFKA_AWS_REGION,AWS_REGION" help:"region of the cluster, for AWS_MSK_IAM"`
	Prefix      string        `env:"FIAPX_KAFKA_PREFIX" help:"what the names of all topics and groups begin with, for a cluster that has other users"`
	Partitions  int           `env:"FIAPX_KAFKA_PARTITIONS" default:"3" help:"partitions of topics that fiapx migrate makes"`
	Replication int           `env:"FIAPX_KAFKA_REPLICATION" default:"0" help:"copies of each partition of topics that fiapx migrate makes; 0 is what the brokers do by default"`
}

// The words of Config.
const (
	plaintext     = "PLAINTEXT"
	ssl           = "SSL"
	saslPlaintext = "SASL_PLAINTEXT"
	saslSSL       = "SASL_SSL"

	plain    = "PLAIN"
	scram256 = "SCRAM-SHA-256"
	scram512 = "SCRAM-SHA-512"
	mskIAM   = "AWS_MSK_IAM"
)

// Enabled says whether there is a Kafka to use.
func (c Config) Enabled() bool { return len(c.Brokers) > 0 }

// Validate reports what can be seen to be wrong without connecting.
func (c Config) Validate() error {
	var problems []error
	for _, b := range c.Brokers {
		if _, port, err := net.SplitHostPort(b); err != nil || port == "" {
			problems = append(problems, fmt.Errorf("FIAPX_KAFKA_BROKERS: %q is no address; write host:port, several with commas between", b))
		}
	}
	if !slices.Contains([]string{plaintext, ssl, saslPlaintext, saslSSL}, c.Protocol) {
		problems = append(problems, errors.New("FIAPX_KAFKA_SECURITY_PROTOCOL must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"))
	}
	if c.Partitions < 1 || c.Partitions > 1000 {
		problems = append(problems, errors.New("FIAPX_KAFKA_PARTITIONS must be 1 to 1000; remove it to use the default"))
	}
	if c.Replication < 0 || c.Replication > 10 {
		problems = append(problems, errors.New("FIAPX_KAFKA_REPLICATION must be 0 to 10; remove it to use the default of the brokers"))
	}
	return errors.Join(append(problems, c.validateSASL()...)...)
}

func (c Config) validateSASL() (problems []error) {
	if !c.Enabled() || !c.sasl() {
		return nil
	}
	switch c.Mechanism {
	case plain, scram256, scram512:
		if c.User == "" || c.Password.Reveal() == "" {
			problems = append(problems, fmt.Errorf("FIAPX_KAFKA_SASL_USERNAME and FIAPX_KAFKA_SASL_PASSWORD must be set for %s", c.Mechanism))
		}
	case mskIAM:
		if c.Region == "" {
			problems = append(problems, errors.New("FIAPX_KAFKA_AWS_REGION must be set for AWS_MSK_IAM"))
		}
		if c.Protocol != saslSSL {
			problems = append(problems, errors.New("AWS_MSK_IAM needs FIAPX_KAFKA_SECURITY_PROTOCOL=SASL_SSL"))
		}
	default:
		problems = append(problems, errors.New("FIAPX_KAFKA_SASL_MECHANISM must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or AWS_MSK_IAM"))
	}
	return problems
}

func (c Config) sasl() bool   { return c.Protocol == saslPlaintext || c.Protocol == saslSSL }
func (c Config) secure() bool { return c.Protocol == ssl || c.Protocol == saslSSL }

// Times that bound how long a broker that is away, or slow, can hold anything up.
const (
	dialTimeout    = 2 * time.Second
	replyTimeout   = 3 * time.Second
	rebalance      = 15 * time.Second
	sessionTimeout = 30 * time.Second
	heartbeat      = 3 * time.Second
	commitEvery    = time.Second
	retryPause     = 100 * time.Millisecond
)

// protocolVersion is the oldest broker that works: what Kafka 4 and the oldest Amazon MSK still in use both speak.
var protocolVersion = sarama.V2_8_0_0

// base is what all clients share.
func (c Config) base() (*sarama.Config, error) {
	s := sarama.NewConfig()
	s.Version, s.ClientID = protocolVersion, "fiapx"
	s.Net.DialTimeout, s.Net.ReadTimeout, s.Net.WriteTimeout = dialTimeout, replyTimeout, replyTimeout
	s.Metadata.Full, s.Metadata.AllowAutoTopicCreation = false, false
	s.Metadata.Retry.Max, s.Metadata.Retry.Backoff, s.Metadata.Timeout = 1, retryPause, replyTimeout
	return s, c.secureClient(s)
}

// forProducer: a message counts as sent when every replica in sync has it, and is there once however often it was sent.
func (c Config) forProducer() (*sarama.Config, error) {
	s, err := c.base()
	if err != nil {
		return nil, err
	}
	s.Producer.RequiredAcks, s.Producer.Idempotent, s.Net.MaxOpenRequests = sarama.WaitForAll, true, 1
	s.Producer.Return.Successes, s.Producer.Return.Errors = true, true
	s.Producer.Retry.Max, s.Producer.Retry.Backoff, s.Producer.Timeout = 2, retryPause, replyTimeout
	s.Producer.Transaction.Retry.Max = 2 // of the question for the id that makes it idempotent
	return s, nil
}

// forConsumer: offsets begin at the oldest message, so that a new group misses none. The answer to joining a group comes when all
// members have joined, which must not be taken for a broker that hangs.
func (c Config) forConsumer() (*sarama.Config, error) {
	s, err := c.base()
	if err != nil {
		return nil, err
	}
	s.Consumer.Return.Errors, s.Consumer.Offsets.Initial = true, sarama.OffsetOldest
	s.Consumer.Offsets.AutoCommit.Interval = commitEvery
	s.Consumer.Group.Session.Timeout, s.Consumer.Group.Heartbeat.Interval = sessionTimeout, heartbeat
	s.Consumer.Group.Rebalance.Timeout, s.Consumer.Group.Rebalance.Retry.Max = rebalance, 2
	s.Net.ReadTimeout = rebalance + replyTimeout
	s.Consumer.Retry.Backoff = retryPause
	return s, nil
}
