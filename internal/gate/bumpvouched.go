package gate

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
)

// vouch finds out of each bump that brings its own copy whether that is what the
// version's repository serves. Whoever writes the copy writes what it holds, so that one
// that nobody compared gets no threshold of its own.
func (r *run) vouch(ctx context.Context, targets []*target) {
	if r.settings.decides.Dependencies.FailOn == "" {
		return // all are held against the same
	}
	known := map[string]string{}
	for _, t := range targets {
		for _, b := range t.bumps {
			if !slices.ContainsFunc(r.change.Files, func(f git.FileDiff) bool { return b.vendors(f.NewPath) }) {
				continue // fetched, from where base says
			}
			why, asked := known[b.now.From]
			if !asked {
				why = r.unvouched(ctx, b.now)
				known[b.now.From] = why
				if why != "" {
					r.note(t.id, "what %s brings is held against the usual threshold: %s is not known to be what its version says, because %s", b.label(), b.now.From, why)
				}
			}
			b.unvouched = why != ""
		}
	}
}

// unvouched says why nobody knows that a vendored copy is what its version says; empty
// where it is.
func (r *run) unvouched(ctx context.Context, p render.Part) string {
	if r.judge.supply.source == nil {
		return "nothing is fetched here to compare it with"
	}
	source, err := r.judge.supply.source()
	if err != nil {
		return err.Error()
	}
	archive, err := source.Get(ctx, fetch.Chart{Repository: p.Repository, Name: p.Name, Version: p.Version})
	if err != nil {
		return fmt.Sprintf("the version that its repository serves cannot be had: %v", err)
	}
	same := false
	if path.Ext(p.From) == ".tgz" {
		var data []byte
		if data, err = fs.ReadFile(r.change.Head, p.From); err == nil {
			same, err = render.SameArchive(archive.Data, data)
		}
	} else {
		same, err = render.SameFolder(archive.Data, r.change.Head, p.From)
	}
	switch {
	case err != nil:
		return fmt.Sprintf("it cannot be compared with what its repository serves: %v", err)
	case !same:
		return fmt.Sprintf("%s serves something else as %s %s", p.Repository, p.Name, p.Version)
	}
	return ""
}

// heldAgainst is the threshold of what a bump brings: the one of dependencies, and where
// nobody vouches for the copy, the stricter of that and the usual one.
func (e *environments) heldAgainst(s stated) (stated, error) {
	failOn, threshold, err := e.ofDependencies()
	if err == nil && (!s.bump.unvouched || looser(s.failOn, failOn)) {
		s.failOn, s.threshold = failOn, threshold
	}
	return s, err
}
