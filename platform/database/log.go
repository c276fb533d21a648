package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// slowQuery is what an operator wants to hear about.
const slowQuery = 500 * time.Millisecond

// slogLogger speaks gorm's logger over slog. Failed statements are only debug lines, because the error is returned as
// well and its receiver decides; parameters never appear, they are e-mail addresses and hashes.
type slogLogger struct {
	log    *slog.Logger
	slow   time.Duration
	values *regexp.Regexp // as the dialect writes them into a statement
}

// Values within a statement. gorm's Scan makes its own text of a statement, with the values in it, and asks no filter.
var (
	sqliteValues   = regexp.MustCompile(`"(?:[^"]|"")*"|'(?:[^']|'')*'`)
	postgresValues = regexp.MustCompile(`'(?:[^']|'')*'`)
)

var (
	_ logger.Interface  = (*slogLogger)(nil)
	_ gorm.ParamsFilter = (*slogLogger)(nil)
)

// LogMode keeps the level of the injected logger, which is configured once for the whole program.
func (l *slogLogger) LogMode(logger.LogLevel) logger.Interface { return l }

// Info is part of logger.Interface.
func (l *slogLogger) Info(ctx context.Context, msg string, data ...any) {
	l.log.DebugContext(ctx, "gorm says", "message", fmt.Sprintf(msg, data...))
}

// Warn is part of logger.Interface.
func (l *slogLogger) Warn(ctx context.Context, msg string, data ...any) {
	l.log.WarnContext(ctx, "gorm warns", "message", fmt.Sprintf(msg, data...))
}

// Error is part of logger.Interface.
func (l *slogLogger) Error(ctx context.Context, msg string, data ...any) {
	l.log.ErrorContext(ctx, "gorm complains", "message", fmt.Sprintf(msg, data...))
}

// Trace is called after every statement.
func (l *slogLogger) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	elapsed := time.Since(begin)
	slow := elapsed >= l.slow
	if !slow && !l.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	query, rows := statement()
	attrs := []any{"sql", l.values.ReplaceAllString(query, "'?'"), "rows", rows, "elapsed", elapsed}
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		attrs = append(attrs, "err", err)
	}
	if slow {
		l.log.WarnContext(ctx, "slow query", attrs...)
		return
	}
	l.log.DebugContext(ctx, "query", attrs...)
}

// ParamsFilter keeps the values out of Trace.
func (l *slogLogger) ParamsFilter(_ context.Context, query string, _ ...any) (string, []any) {
	return query, nil
}
