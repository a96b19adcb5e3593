package main

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/internal/worker"
)

// workerCommand is what the program starts itself as, to render in.
func (p *program) workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "Render what the parent process asks for; not for people",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			confine()
			// A library that prints must not break into the conversation, nor push
			// aside what the runtime says last, which goes around these.
			nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			os.Stdout, os.Stderr = nowhere, nowhere
			return worker.Serve(p.stdin, p.stdout)
		},
	}
}

// workers is the pool that the process renders in.
func (p *program) workers() (*worker.Pool, error) {
	if p.pool != nil {
		return p.pool, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	rarelyCollected()
	environ := workerEnvironment(os.Environ())
	name := os.Args[0]
	p.pool = worker.New(func() *exec.Cmd {
		cmd := &exec.Cmd{Path: self, Args: []string{name, "worker"}, Env: environ}
		return cmd
	})
	return p.pool, nil
}

// rarelyCollected sets how often garbage is collected: most runs are over
// before it matters, and what the first collections would cost is a tenth of a
// short run. One that needs more than 64 MB collects as often as workers do, and
// a large one keeps to a gigabyte.
func rarelyCollected() {
	debug.SetMemoryLimit(1 << 30)
	debug.SetGCPercent(1600) // of the 4 MB that Go starts with
	sentinel := new([16]byte)
	runtime.AddCleanup(sentinel, func(percent int) { debug.SetGCPercent(percent) }, 400)
}

// workerEnvironment is all that a worker gets to see: no token, no proxy, no
// home and no path to programs. Renders make much garbage and are short, so
// that collecting it rarely halves their time.
func workerEnvironment(environ []string) []string {
	allowed := []string{"PATH=", "HOME=", "GOGC=400"}
	for _, entry := range environ {
		if name, _, _ := strings.Cut(entry, "="); slices.Contains(harmless, name) {
			allowed = append(allowed, entry)
		}
	}
	return allowed
}

// close ends what the program started.
func (p *program) close() {
	if p.pool != nil {
		p.pool.Close()
	}
}
