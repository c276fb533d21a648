// Package importer moves an installation of the original FIAP X here: it reads the two PostgreSQL databases and the folder
// of files of the original, and hands accounts to auth and jobs to videos, which decide what they accept and keep it. It
// writes nothing to the original, owns no tables, and runs only when an operator asks for it.
package importer
