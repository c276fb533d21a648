// Package processing is the worker: it takes jobs from the queue of videos, extracts the frames of each in a child
// process of this very binary, and stores them as one archive. The same engine probes uploads for videos, whose Prober
// this module provides, and serves programs that have a file and no server (Extract, Probe).
//
// The binary that uses it must run ChildMain, and nothing else, when IsChild says so of its arguments.
package processing
