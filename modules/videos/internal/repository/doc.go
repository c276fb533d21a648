// Package repository keeps jobs, their outbox, preferences and worker heartbeats in the module's own tables, on
// PostgreSQL and SQLite alike. The job row is the truth of the queue: every change of state is one conditional write
// whose row count decides, committed together with the event that tells of it.
package repository
