package kafka

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/aws/aws-msk-iam-sasl-signer-go/signer"
	"github.com/xdg-go/scram"
)

func (c Config) secureClient(s *sarama.Config) error {
	if c.secure() {
		s.Net.TLS.Enable = true
		s.Net.TLS.Config = &tls.Config{MinVersion: tls.VersionTLS12}
		if err := c.trust(s.Net.TLS.Config); err != nil {
			return err
		}
	}
	if !c.sasl() {
		return nil
	}
	s.Net.SASL.Enable, s.Net.SASL.Handshake, s.Net.SASL.Version = true, true, sarama.SASLHandshakeV1
	s.Net.SASL.User, s.Net.SASL.Password = c.User, c.Password.Reveal()
	switch c.Mechanism {
	case scram256:
		s.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{hash: sha256.New} }
	case scram512:
		s.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{hash: sha512.New} }
	case mskIAM:
		s.Net.SASL.Mechanism, s.Net.SASL.TokenProvider = sarama.SASLTypeOAuth, &iam{region: c.Region}
		return nil
	}
	s.Net.SASL.Mechanism = sarama.SASLMechanism(c.Mechanism)
	return nil
}

func (c Config) trust(t *tls.Config) error {
	if c.CA == "" {
		return nil
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return fmt.Errorf("FIAPX_KAFKA_CA: the file cannot be read; check the path and its permissions: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("FIAPX_KAFKA_CA: %s holds no certificate; name a PEM file", c.CA)
	}
	return nil
}

// scramClient implements sarama.SCRAMClient (RFC 5802).
type scramClient struct {
	hash         scram.HashGeneratorFcn
	conversation *scram.ClientConversation
}

func (c *scramClient) Begin(user, password, authzID string) error {
	client, err := c.hash.NewClient(user, password, authzID)
	if err != nil {
		return fmt.Errorf("begin SCRAM: %w", err)
	}
	c.conversation = client.NewConversation()
	return nil
}

func (c *scramClient) Step(challenge string) (string, error) { return c.conversation.Step(challenge) }
func (c *scramClient) Done() bool                            { return c.conversation.Done() }

// iam implements sarama.AccessTokenProvider with the process's own AWS credentials (pod identity, role, environment).
type iam struct {
	region string

	mu      sync.Mutex
	token   string
	expires time.Time
}

const (
	iamTimeout = 5 * time.Second
	iamMargin  = 3 * time.Minute // of the quarter of an hour that a token lives
)

// Token gives the same token to all connections while it lives long enough.
func (p *iam) Token() (*sarama.AccessToken, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Until(p.expires) < iamMargin {
		ctx, cancel := context.WithTimeout(context.Background(), iamTimeout) //nolint:forbidigo // the library hands providers no context
		defer cancel()
		token, expires, err := signer.GenerateAuthToken(ctx, p.region)
		if err != nil {
			return nil, fmt.Errorf("sign in to Amazon MSK: %w", err)
		}
		p.token, p.expires = token, time.UnixMilli(expires)
	}
	return &sarama.AccessToken{Token: p.token}, nil
}
