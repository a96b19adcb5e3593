package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress is a line at the end of a terminal that tells what a long run does.
type progress struct {
	out   io.Writer
	began time.Time

	mu    sync.Mutex
	last  time.Time
	shown bool
	over  bool
}

// Short runs say nothing, and long ones not more than an eye can read.
const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// progress is for people who look on; nil where there are none. pre-commit and
// prek give hooks a terminal and show later what was written to it.
func (p *program) progress() *progress {
	out, ok := p.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(out.Fd())) || p.getenv("TERM") == "dumb" || p.getenv("CI") != "" || p.getenv("PRE_COMMIT") != "" {
		return nil
	}
	return &progress{out: out, began: time.Now()}
}

// tell replaces the line.
func (g *progress) tell(text string) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.over || now.Sub(g.began) < progressAfter || now.Sub(g.last) < progressEvery {
		return
	}
	g.last, g.shown = now, true
	line := []rune(visible(text))
	if len(line) > 78 { // a line that wraps could not be taken back
		line = append(line[:77], '…')
	}
	fmt.Fprintf(g.out, "\r\x1b[K%s", string(line))
}

// done takes the line away, before something else is written.
func (g *progress) done() {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shown {
		fmt.Fprint(g.out, "\r\x1b[K")
	}
	g.over = true
}
