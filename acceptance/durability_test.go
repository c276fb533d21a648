//go:build acceptance

package acceptance

import (
	"syscall"
	"testing"
	"time"
)

// TestJobSurvivesRestart stops the program in the middle of a job, politely and not, and expects the new one to finish it.
func TestJobSurvivesRestart(t *testing.T) {
	for topology, start := range topologies {
		for how, stop := range map[string]func(t *testing.T, d *deployment){
			"SIGTERM": func(t *testing.T, d *deployment) { d.stop(t) },
			"SIGKILL": func(_ *testing.T, d *deployment) {
				for _, p := range d.processes {
					p.end(syscall.SIGKILL)
				}
			},
		} {
			t.Run(topology+" "+how, func(t *testing.T) {
				w := newWorld(deploy(t, start))
				u := w.signIn(t)
				id := w.submit(t, u, longClip(t), map[string]string{"extraction_fps": "15"})
				watchUntil(t, w, u, id, 2)
				stop(t, w.d)
				noChildren(t, w.d)
				w.d.restart(t, w.d)
				u = w.login(t, u)
				w.reach(t, u, id, "completed", 5*time.Minute) // a killed worker's lease must run out first
				checkFrameList(t, w, u, id, 600, "png")
				if images := unzip(t, archive(t, w, u, id)); len(images) != 600 {
					t.Errorf("%d pictures, want 600", len(images))
				}
				w.d.stop(t)
			})
		}
	}
}
