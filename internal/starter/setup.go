// Package starter proposes what a repository needs to be guarded: configuration,
// a workflow, code owners and a hook. A proposal is text; whoever asked for it
// decides what is written, and nothing that is there is ever changed but by
// lines that are added.
package starter

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Proposal is a file to be written, or lines to be added to one.
type Proposal struct {
	Path string // slash-separated, from the root of the repository
	Text string // of a new file
	// Before and Added are of a file that is there: its bytes, and what comes
	// behind its first At bytes.
	Before []byte
	At     int
	Added  string
	// Manual says that a person has to add Text, and why; the file is left alone.
	Manual string
}

// New says that there is no such file yet.
func (p Proposal) New() bool { return p.Before == nil && p.Manual == "" }

// Target is what was found of one thing that gets deployed.
type Target struct {
	Kind, Dir string
	Values    []string // layers, as configuration names them
	Guessed   bool     // a variant by convention
	Err       error    // why it does not render
}

// Repository is what is looked at.
type Repository struct {
	Tree    fs.FS
	Targets []Target
	Owners  []string // who guards the gate; empty: those of everything
	Version string   // of the program; empty: none was released
	Branch  string   // the default one; empty: not known
}

// Proposals are for everything that is not there yet, with a word about what is.
func (r Repository) Proposals() (all []Proposal, there []string, err error) {
	for _, propose := range []func() (*Proposal, string, error){r.config, r.workflow, r.guard, r.hook} {
		p, known, err := propose()
		if err != nil {
			return nil, nil, err
		}
		if p != nil {
			all = append(all, *p)
		}
		if known != "" {
			there = append(there, known)
		}
	}
	return all, there, nil
}

// read is a file's content, nil where there is none. What cannot be read is not
// taken for absent.
func (r Repository) read(name string) ([]byte, error) {
	data, err := fs.ReadFile(r.Tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, err
}

// Write makes a proposal true below a folder, through no symbolic link.
func Write(dir string, p Proposal) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if p.New() {
		return create(root, p)
	}
	now, err := root.ReadFile(p.Path)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, p.Before) {
		return fmt.Errorf("%s has changed meanwhile: run it again", p.Path)
	}
	text := slices.Concat(p.Before[:p.At], []byte(p.Added), p.Before[p.At:])
	return root.WriteFile(p.Path, text, 0o644)
}

// create never overwrites.
func create(root *os.Root, p Proposal) error {
	if err := root.MkdirAll(path.Dir(p.Path), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(p.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(p.Text)
	return errors.Join(err, file.Close())
}

// ref is what the action and the hook are named by.
func (r Repository) ref() string {
	if r.Version == "" {
		return "main"
	}
	return "v" + strings.TrimPrefix(r.Version, "v")
}
