// Package app is the composition root: it decides which modules and services a process is made of (targets.go, a table),
// opens what they run on, hands it to them, and runs them until the process is told to stop. It holds no rules of the
// product. Only cmd may import it.
package app
