package worker

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/docker/go-units"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/rendergate/rendergate/render"
)

// worker is a running process that renders, one target at a time.
type worker struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	encoder *gob.Encoder
	decoder *gob.Decoder
	stderr  *tail
	end     sync.Once
	slots   slots

	mu      sync.Mutex
	stopped error // why it was killed
}

func start(cmd *exec.Cmd) (*worker, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w := &worker{cmd: cmd, in: in, encoder: gob.NewEncoder(in), decoder: gob.NewDecoder(out), stderr: &tail{}}
	cmd.Stderr = w.stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("a process to render in cannot be started: %w", err)
	}
	return w, nil
}

// startLimit bounds what the start of a process may take.
const startLimit = time.Minute

// greet waits until the worker is there.
func (w *worker) greet() error {
	late := time.AfterFunc(startLimit, func() { w.kill(fmt.Errorf("a process to render in took longer than %s to start", startLimit)) })
	defer late.Stop()
	var m message
	if err := w.decoder.Decode(&m); err != nil {
		return w.broken(err)
	}
	return nil
}

// render gives the worker a target and answers its questions. False means that
// the worker is of no further use.
func (w *worker) render(tree fs.FS, t render.Target, memory int64) (result *render.Result, err error, usable bool) {
	slot, fresh := w.slots.of(tree)
	if err := w.encoder.Encode(order{Target: &t, Memory: memory, Slot: slot, Fresh: fresh}); err != nil {
		return nil, w.broken(err), false
	}
	for {
		var m message
		if err := w.decoder.Decode(&m); err != nil {
			return nil, w.broken(err), false
		}
		switch {
		case m.Ready:
		case m.Question != nil:
			a := reply(tree, *m.Question)
			if err := w.encoder.Encode(order{Answer: &a}); err != nil {
				return nil, w.broken(err), false
			}
		case m.Error != "":
			return m.Result, errors.New(m.Error), true
		case m.Result == nil: // gob leaves out what is empty
			return &render.Result{}, nil, true
		default:
			return m.Result, nil, true
		}
	}
}

// reply answers a question about the tree.
func reply(tree fs.FS, q question) (a answer) {
	var err error
	switch q.Op {
	case stat:
		var i fs.FileInfo
		if i, err = fs.Stat(tree, q.Name); err == nil {
			a.Info = infoOf(i)
		}
	case readDir:
		var list []fs.DirEntry
		if list, err = fs.ReadDir(tree, q.Name); err == nil {
			for _, entry := range list {
				a.List = append(a.List, info{entry.Name(), entry.Type()})
			}
		}
	case readFile:
		a.Data, err = fs.ReadFile(tree, q.Name)
	case locate:
		a.Text = q.Name
		if locator, ok := tree.(interface{ Locate(string) (string, error) }); ok {
			a.Text, err = locator.Locate(q.Name)
		}
	case files:
		if lister, ok := tree.(render.Lister); ok {
			a.Names = lister.Files()
		}
	}
	if q.Op == folder {
		a.Known = ahead(tree, q.Name)
	}
	a.Failed = failed(err)
	return a
}

// What is sent without having been asked for stays within these.
const (
	largestAhead = 256 << 10
	mostAhead    = 16 << 20
)

// ahead answers what will be asked of a folder: its lists and its files. What
// it leaves out, or what fails, is asked for when it is needed.
func ahead(tree fs.FS, dir string) []known {
	var all []known
	var names []string
	// A folder that cannot be walked is told of when it is asked for.
	_ = fs.WalkDir(tree, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		if entry.IsDir() {
			q := question{readDir, name}
			all = append(all, known{q, reply(tree, q)})
		} else if entry.Type().IsRegular() {
			names = append(names, name)
		}
		return nil
	})
	if many, ok := tree.(interface{ Prefetch([]string) }); ok {
		many.Prefetch(names)
	}
	total := 0
	for _, name := range names {
		q := question{readFile, name}
		a := reply(tree, q)
		if total += len(a.Data); total > mostAhead {
			break
		}
		if a.Failed == nil && len(a.Data) <= largestAhead {
			all = append(all, known{q, a})
		}
	}
	return all
}

// broken says why a worker went away: because it was stopped, or what it said
// last when it crashed.
func (w *worker) broken(err error) error {
	w.kill(nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped != nil {
		return w.stopped
	}
	if last := w.stderr.firstLine(); last != "" {
		return fmt.Errorf("the renderer crashed: %s", last)
	}
	return fmt.Errorf("the renderer crashed: %w", err)
}

// kill ends the process and waits until it is gone. The first reason counts.
func (w *worker) kill(why error) {
	w.mu.Lock()
	if w.stopped == nil {
		w.stopped = why
	}
	w.mu.Unlock()
	w.end.Do(func() {
		// Both fail where the process is gone already, which is what is wanted.
		_ = w.cmd.Process.Kill()
		_ = w.cmd.Wait()
	})
}

// sound says that nobody stopped the worker.
func (w *worker) sound() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopped == nil
}

// resident is how much memory the process occupies, 0 when nobody knows.
func (w *worker) resident() int64 {
	p, err := process.NewProcess(int32(w.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	memory, err := p.MemoryInfo()
	if err != nil || memory == nil {
		return 0
	}
	return int64(memory.RSS)
}

// tail keeps the beginning of what a process says before it dies, where Go
// says what is wrong; the stacks that follow are of no use to a reader.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const kept = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := kept - t.text.Len(); room > 0 {
		t.text.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (t *tail) firstLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(t.text.String()) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// patrol is how often a worker's memory is looked at.
const patrol = 50 * time.Millisecond

// watch kills the worker when it takes longer, or occupies more, than it may;
// it returns a function that ends the watch.
func (w *worker) watch(b Budget, cancelled <-chan struct{}, cause func() error) (done func()) {
	stop := make(chan struct{})
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		deadline := time.NewTimer(b.Time)
		defer deadline.Stop()
		ticker := time.NewTicker(patrol)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-cancelled:
				w.kill(cause())
				return
			case <-deadline.C:
				w.kill(&OverBudget{fmt.Sprintf("took longer than its budget of %s; raise it with budget.time in .rendergate.yaml on the base branch", b.Time)})
				return
			case <-ticker.C:
				if used := w.resident(); used > b.Memory {
					w.kill(&OverBudget{fmt.Sprintf("needed more memory than its budget of %s; raise it with budget.memory in .rendergate.yaml on the base branch", units.BytesSize(float64(b.Memory)))})
					return
				}
			}
		}
	}()
	return func() { close(stop); <-gone }
}
