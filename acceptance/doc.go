// Package acceptance drives the compiled program from outside, over HTTP and signals, the way clients and operators do. It
// imports nothing of the program: what it knows is the public contract.
//
// The suite has the build tag acceptance and needs the ffmpeg program, which makes the clips and is the oracle for the
// frames:
//
//	go test -tags acceptance ./acceptance
//
// The program is built once, with coverage; set GOCOVERDIR to keep the data. Every scenario runs against every topology:
// one process (fiapx all) and one process per role.
package acceptance
