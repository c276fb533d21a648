// Package usecase holds what can be done with video jobs, one use case per file, each with the ports it needs beside it.
// It decides; rows, blobs, buses and HTTP are behind the ports.
package usecase
