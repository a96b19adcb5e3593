// Package gate is the way through the house on one screen: change, targets,
// objects, findings, delta, placed, report, verdict.
package gate

import (
	"context"
	"io"

	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/images"
	"github.com/rendergate/rendergate/internal/worker"
)

// Options say what to compare and what to decide by. They are what the command
// line, the action and the hook have in common.
type Options struct {
	Repo     *git.Repo
	Workers  *worker.Pool // renders
	Base     string       // a revision, taken as it is; empty: the merge base with the remote's default branch, for the index and the work tree HEAD
	Head     string       // a revision; empty: HEAD
	Staged   bool         // head is the index
	Index    git.Revision // the index, where it was read already
	Worktree bool         // head is the work tree
	URLs     []string     // of the repository, beyond those of its remotes
	FailOn   string       // a severity or none; empty: what configuration says
	Config   string       // a configuration file that decides and describes instead of the tree's own
	Paths    []string     // limits what is judged to targets under these folders
	// Strict is set in CI: options may make the gate stricter than base's
	// configuration, never looser.
	Strict bool
	// All judges every target, affected or not. What does not render at both sides
	// is still old debt where the change does not touch it.
	All bool
	// Scan judges one tree, head: everything in it was there before.
	Scan bool
	// Debt tells what the whole tree holds, by check, target and owner.
	Debt bool
	// Traced renders objects that know where each line of theirs comes from.
	Traced bool
	// Sources traces what was there already to the lines that wrote it, for which
	// every target that has such findings is rendered once more.
	Sources bool
	// Charts fetches the charts and bases that the tree does not have, from
	// locations that base names or allows; nil: nothing is fetched.
	Charts *fetch.Client
	// Cache is the folder of what was fetched before, which is read also where
	// nothing is fetched; empty: there is none.
	Cache string
	// Images starts the scanner that base's configuration names; nil: none is
	// started here.
	Images *images.Client
	// ImageReports are finished reports about images, as files or IMAGE=FILE, beyond
	// those that base's configuration names.
	ImageReports []string
	// Approvals says who of some approvers approved the head that is judged,
	// empty for nobody, and what a reader should know of the answer; nil where
	// nobody can be asked.
	Approvals func(ctx context.Context, approvers []string) (by string, notes []string)
	Version   string
	Log       io.Writer // warnings
	// Progress is told what the run does now; nil: nobody looks on.
	Progress func(what string)
}

// UsageError is a mistake in what the user asked for or configured, not in
// what was looked at.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the mistake itself.
func (e *UsageError) Unwrap() error { return e.Err }
