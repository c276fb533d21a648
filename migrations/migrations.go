// Package migrations embeds the SQL that builds every module's tables: one folder per dialect, the same file names in
// both, NNNN_<module>_<what>.sql. Files only go forward, run in one transaction each and belong to one module, which is
// the second word of the name; platform/database runs them, module by module. It holds no logic.
//
// Numbers come in ranges, so that modules grow without meeting: auth 1-19, videos 20-39, notify 40-59. Time columns are
// TIMESTAMP in SQLite (the driver reads no other declaration back as a time) and TIMESTAMPTZ in PostgreSQL. Tables are
// named without a schema: in PostgreSQL the connection's search path chooses it, in SQLite the file does.
package migrations

import "embed"

// Files holds sqlite/*.sql and postgres/*.sql.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
