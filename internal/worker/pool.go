// Package worker renders in processes of its own: a template that runs for
// ever, eats all memory or crashes takes its process along and nothing else,
// and what one build leaves behind in a library's globals reaches no other.
package worker

import (
	"context"
	"io"
	"io/fs"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/rendergate/rendergate/render"
)

// Budget is what the render of one target may cost.
type Budget struct {
	Time   time.Duration
	Memory int64 // bytes that the process may occupy
}

// OverBudget is the error of a render that was stopped because it cost more
// than its budget. Beside others it may have been slowed down: alone it may
// succeed.
type OverBudget struct{ text string }

func (e *OverBudget) Error() string { return e.text }

// Pool is a number of workers. They are started as they are needed and live
// until the pool is closed.
type Pool struct {
	command func() *exec.Cmd
	idle    chan *worker
	room    chan struct{} // one for each worker that may still be started
	ready   chan struct{} // closed once the first worker is there, or cannot be started
	// patience is how long a target waits for a busy worker before another one is
	// started: as long as the first one took, within which most renders end. It is
	// set before ready is closed.
	patience time.Duration

	mu     sync.Mutex
	all    map[*worker]bool
	closed bool
}

// New makes a pool of at most as many workers as there are cores. Command
// makes the process that calls Serve on its standard streams. The first one is
// started at once, while the caller still finds out what there is to render.
func New(command func() *exec.Cmd) *Pool {
	most := runtime.GOMAXPROCS(0)
	p := &Pool{command: command, idle: make(chan *worker, most), room: make(chan struct{}, most), all: map[*worker]bool{}, ready: make(chan struct{})}
	for range most - 1 {
		p.room <- struct{}{}
	}
	go func() {
		defer close(p.ready)
		begin := time.Now()
		w, err := p.start()
		if err != nil {
			p.room <- struct{}{} // the first render tries again, and says what is wrong
			return
		}
		if w.greet() != nil {
			p.drop(w) // as above
			return
		}
		p.patience = time.Since(begin)
		p.idle <- w
	}()
	return p
}

// Render renders a target in a worker. The tree stays here: the worker asks
// for what it reads. The error is an *OverBudget where the budget was spent.
func (p *Pool) Render(ctx context.Context, tree fs.FS, t render.Target, b Budget) (*render.Result, error) {
	w, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	done := w.watch(b, ctx.Done(), ctx.Err)
	result, err, usable := w.render(tree, t, b.Memory)
	done()
	if usable && w.sound() && clean(t, result, err) {
		p.idle <- w
	} else {
		p.drop(w)
	}
	return result, err
}

// clean says that a render left nothing behind in its process. Of a build that
// failed nobody knows.
func clean(t render.Target, result *render.Result, err error) bool {
	if result == nil || err != nil {
		return t.Kind == render.Helm || t.Kind == render.Manifests || t.Kind == render.TerraformRelease || t.Kind.Infrastructure()
	}
	return !result.Taints
}

// take waits for a worker, and starts one when that takes too long.
func (p *Pool) take(ctx context.Context) (*worker, error) {
	select {
	case <-p.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case w := <-p.idle:
		return w, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(p.patience):
	}
	select {
	case w := <-p.idle:
		return w, nil
	case <-p.room:
		w, err := p.start()
		if err != nil {
			p.room <- struct{}{}
		}
		return w, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Pool) start() (*worker, error) {
	w, err := start(p.command())
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		w.kill(io.ErrClosedPipe)
		return nil, io.ErrClosedPipe
	}
	p.all[w] = true
	return w, nil
}

func (p *Pool) drop(w *worker) {
	w.kill(nil)
	p.mu.Lock()
	delete(p.all, w)
	p.mu.Unlock()
	p.room <- struct{}{}
}

// Close ends all workers.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	all := p.all
	p.all = nil
	p.mu.Unlock()
	var gone sync.WaitGroup
	for w := range all {
		gone.Go(func() { w.kill(io.ErrClosedPipe) })
	}
	gone.Wait()
}
