// Package gateway connects the use cases to what is not the module's own: the blob store, the bus and the prober that
// the facade was given.
package gateway
