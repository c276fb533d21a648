// Package gateway connects the use cases with what is not this module's: the queue of videos, the blob store and the bus.
package gateway
