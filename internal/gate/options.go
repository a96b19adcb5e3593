// Package gate is the way through the house on one screen: change, targets,
// objects, findings, delta, placed, report, verdict.
package gate

import "io"

// Options say what to compare and what to decide by. They are what the command
// line, the action and the hook have in common.
type Options struct {
	Repo     string // a work tree, a folder in one, or a bare repository
	Base     string // a revision, taken as it is; empty: the merge base with the remote's default branch, for the index and the work tree HEAD
	Head     string // a revision; empty: HEAD
	Staged   bool   // head is the index
	Worktree bool   // head is the work tree
	FailOn   string // a severity or none; empty: what configuration says
	Config   string // a configuration file instead of the tree's own
	Paths    []string
	Offline  bool
	// Strict is set in CI: options may make the gate stricter than base's
	// configuration, never looser.
	Strict  bool
	Version string
	Log     io.Writer // progress and warnings
}
