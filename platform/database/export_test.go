package database

// The migration runner over other files than the embedded ones, for the tests of this package.
var (
	MigrateFiles = migrate
	StatusFiles  = status
	CheckFiles   = checkVersion
)
