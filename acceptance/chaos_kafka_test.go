//go:build acceptance && chaos

package acceptance

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"
)

// What the program calls them.
const (
	hintTopic = "video_jobs"
	hintGroup = "video-processing-workers"
)

func (r *rig) needKafka(t *testing.T) {
	t.Helper()
	if r.cluster.kafka == nil {
		t.Skip("Apache Kafka cannot be had here")
	}
}

// kafkaClient speaks to the broker past the program.
func (r *rig) kafkaClient(t *testing.T) sarama.Client {
	t.Helper()
	s := sarama.NewConfig()
	s.Version, s.Producer.Return.Successes, s.Consumer.Offsets.Initial = sarama.V2_8_0_0, true, sarama.OffsetOldest
	s.Producer.Partitioner = sarama.NewManualPartitioner
	client, err := sarama.NewClient([]string{r.cluster.kafka.address}, s)
	if err != nil {
		t.Fatalf("Kafka: %v", err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// written reads all messages that the topic holds now.
func written(t *testing.T, client sarama.Client) (all []*sarama.ProducerMessage) {
	t.Helper()
	consumer, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = consumer.Close() }()
	partitions, err := client.Partitions(hintTopic)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range partitions {
		end, err := client.GetOffset(hintTopic, p, sarama.OffsetNewest)
		if err != nil {
			t.Fatal(err)
		}
		if end == 0 {
			continue
		}
		from, err := consumer.ConsumePartition(hintTopic, p, sarama.OffsetOldest)
		if err != nil {
			t.Fatal(err)
		}
		for m := range from.Messages() {
			all = append(all, &sarama.ProducerMessage{Topic: hintTopic, Partition: p, Key: sarama.ByteEncoder(m.Key), Value: sarama.ByteEncoder(m.Value)})
			if m.Offset+1 >= end {
				break
			}
		}
		_ = from.Close()
	}
	return all
}

func write(t *testing.T, client sarama.Client, messages []*sarama.ProducerMessage) {
	t.Helper()
	producer, err := sarama.NewSyncProducerFromClient(client)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = producer.Close() }()
	if err := producer.SendMessages(messages); err != nil {
		var failed sarama.ProducerErrors
		if errors.As(err, &failed) {
			err = failed[0].Err
		}
		t.Fatalf("write into %s: %v", hintTopic, err)
	}
}

// replay gives every message twice more, shuffled over all partitions, round after round while the jobs run.
func replay(t *testing.T, r *rig) {
	r.needKafka(t)
	r.once = true
	r.work(t, 2)
	r.send(t, 6, many)
	r.running(t, 1, "")
	clear(r.hit)
	client, sent := r.kafkaClient(t), 0
	for round := range 4 {
		before := written(t, client)
		var again []*sarama.ProducerMessage
		for _, m := range before[:min(len(before), 500)] {
			for range 2 {
				again = append(again, &sarama.ProducerMessage{Topic: m.Topic, Partition: rand.Int32N(3), Key: m.Key, Value: m.Value})
			}
		}
		rand.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		write(t, client, again)
		sent += len(again)
		r.send(t, 1, nil)
		pause(t, time.Duration(round)*time.Second)
	}
	t.Logf("%d messages were repeated, out of order", sent)
}

const perPartition = 30 // of each kind of message that says nothing

func garbage(t *testing.T, r *rig) {
	r.needKafka(t)
	r.once = true
	admin := freeAddress(t)
	r.env = append(r.env, "FIAPX_ADMIN_LISTEN="+admin)
	r.work(t, 1)
	client := r.kafkaClient(t)
	kinds := []sarama.Encoder{
		sarama.ByteEncoder("\x00\xff garbage"), sarama.ByteEncoder(""), nil,
		sarama.StringEncoder(`{"event_type":"of another version","job_id":7}`), sarama.StringEncoder(`{"event_type":"job_teleported"}`),
		sarama.StringEncoder(strings.Repeat("[", 100_000)),
	}
	var bad []*sarama.ProducerMessage
	for p := range int32(3) {
		for range perPartition {
			for _, value := range kinds {
				bad = append(bad, &sarama.ProducerMessage{Topic: hintTopic, Partition: p, Value: value})
			}
		}
		bad = append(bad, &sarama.ProducerMessage{Topic: hintTopic, Partition: p, Value: sarama.ByteEncoder(make([]byte, 1_000_000))})
	}
	write(t, client, bad)
	begun := time.Now()
	r.send(t, 3, nil)
	passed := func() float64 { return measured(t, admin, "unreadable") + measured(t, admin, "unknown") }
	if !eventually(t, time.Minute, func() bool { return passed() >= float64(len(bad)) }) {
		t.Errorf("%v of %d bad messages were counted: a partition stalls", passed(), len(bad))
	}
	t.Logf("%d bad messages passed over and counted after %.1f s", len(bad), time.Since(begun).Seconds())
	if !eventually(t, 20*time.Second, func() bool { return behind(t, client) == 0 }) {
		t.Errorf("%d messages are not marked", behind(t, client))
	}
}

// measured reads how many messages of that kind the worker at that address has counted.
func measured(t *testing.T, admin, was string) float64 {
	t.Helper()
	answer, err := short.Get("http://" + admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("metrics: %s %v", answer.Status, err)
	}
	_, rest, _ := strings.Cut(string(text), `fiapx_processing_messages_total{was="`+was+`"} `)
	line, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.ParseFloat(line, 64)
	return n
}

// behind is how many messages of the topic the group has not marked.
func behind(t *testing.T, client sarama.Client) (n int64) {
	t.Helper()
	manager, err := sarama.NewOffsetManagerFromClient(hintGroup, client)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = manager.Close() }()
	for p := range int32(3) {
		of, err := manager.ManagePartition(hintTopic, p)
		if err != nil {
			t.Fatal(err)
		}
		next, _ := of.NextOffset()
		end, err := client.GetOffset(hintTopic, p, sarama.OffsetNewest)
		if err != nil {
			t.Fatal(err)
		}
		n += end - max(next, 0)
		_ = of.Close()
	}
	return n
}

// deaf is a member of the workers' group that takes its share of the messages and does nothing with it.
type deaf struct{}

func (deaf) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (deaf) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (deaf) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for {
		select {
		case <-s.Context().Done():
			return nil
		case m, ok := <-c.Messages():
			if !ok {
				return nil
			}
			s.MarkMessage(m, "")
		}
	}
}

// churn has strangers join and leave, so that partitions change hands all the time, and hints are lost to them.
func churn(t *testing.T, r *rig) {
	r.needKafka(t)
	r.once = true
	r.work(t, 2)
	joined := 0
	for end := time.Now().Add(time.Minute); time.Now().Before(end); joined++ {
		r.send(t, 1, map[string]string{"extraction_fps": "10"})
		group, err := sarama.NewConsumerGroupFromClient(hintGroup, r.kafkaClient(t))
		if err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithTimeout(t.Context(), 2*time.Second)
		_ = group.Consume(ctx, []string{hintTopic}, deaf{}) // ends with its time, or with a change in the group
		leave()
		_ = group.Close()
	}
	t.Logf("%d members joined and left", joined)
}
