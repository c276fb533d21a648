// Package cmd is the command line: flags, help, exit codes, signals, and nothing else. What the servers are made of is
// decided in cmd/internal/app; how to talk to one lies in cmd/internal/client.
package cmd
