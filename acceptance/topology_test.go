//go:build acceptance

package acceptance

import (
	"testing"
)

// deployment is a running set of processes over one data folder.
type deployment struct {
	data      string
	auth, api string // addresses; the same one when one process serves both
	processes []*process
	restart   func(t *testing.T, d *deployment)
	post      *postOffice // takes the mails
	env       []string    // more settings, of all processes
	served    bool        // the servers that the processes share are in env
}

// topologies are the ways to run the same product. A scenario must not be able to tell them apart.
var topologies = map[string]func(t *testing.T, d *deployment){
	"all":   startAll,
	"split": startSplit,
}

// brisk shortens the times that a test would have to wait for: a killed worker's lease, and the grace of a stop. Scenarios sign in
// side by side on a machine that has other work, so that their passwords may wait longer for their turn.
var brisk = []string{"FIAPX_LEASE=6s", "FIAPX_HEARTBEAT=1s", "FIAPX_RESCUE_INTERVAL=1s", "FIAPX_WORKER_SHUTDOWN_TIMEOUT=1s", "FIAPX_AUTH_HASH_WAIT=30s", "FIAPX_JANITOR_INTERVAL=2s"}

// deploy starts a topology on fresh data.
func deploy(t *testing.T, start func(*testing.T, *deployment), env ...string) *deployment {
	t.Helper()
	d := &deployment{data: t.TempDir(), restart: start, post: openPostOffice(t)}
	d.env = append(append(d.env, brisk...), d.post.settings()...)
	d.env = append(d.env, env...)
	d.auth = freeAddress(t)
	start(t, d)
	return d
}

func startAll(t *testing.T, d *deployment) {
	t.Helper()
	d.api = d.auth
	one := launch(t, d.env, "all", "--data", d.data, "--listen", d.api)
	waitReady(t, one, d.api)
	d.processes = []*process{one}
}

// startSplit runs each role alone, over the servers that there are. They share the folder, which is what FIAPX_STORAGE_SHARED
// tells them.
func startSplit(t *testing.T, d *deployment) {
	t.Helper()
	if d.api == "" {
		d.api = freeAddress(t)
	}
	d.withServers(t)
	env := append([]string{"FIAPX_STORAGE_SHARED=true", "FIAPX_JWKS_URL=http://" + d.auth + "/.well-known/jwks.json", "FIAPX_PUBLIC_URL=http://" + d.api}, d.env...)
	auth := launch(t, env, "serve-auth", "--data", d.data, "--listen", d.auth)
	waitReady(t, auth, d.auth)
	api := launch(t, env, "serve-api", "--data", d.data, "--listen", d.api)
	waitReady(t, api, d.api)
	address := freeAddress(t)
	work := launch(t, env, "work", "--data", d.data, "--listen", address)
	waitReady(t, work, address)
	d.processes = []*process{auth, api, work}
}

// together says whether one process serves accounts and jobs.
func (d *deployment) together() bool { return d.auth == d.api }

// stop ends all processes in the order in which an operator would: the newest first.
func (d *deployment) stop(t *testing.T) {
	t.Helper()
	for i := len(d.processes) - 1; i >= 0; i-- {
		d.processes[i].stop(t)
	}
}
