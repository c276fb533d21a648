// Package videos is the module of video jobs: it takes submissions, keeps them in a queue that workers serve, shows how
// they are doing and hands out the results. The job row is the truth; events on the bus only tell of it.
//
// It does not look into videos: the probe comes as a port, and extracting frames is the work of whoever holds a lease
// from Queue. It knows users only by what their access token says.
package videos

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen --config oapi-codegen.yaml openapi.yaml
