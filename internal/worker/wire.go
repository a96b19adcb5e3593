package worker

import (
	"errors"
	"io/fs"
	"path"
	"time"

	"github.com/rendergate/rendergate/render"
)

// order goes from the parent to a worker: a target to be rendered, or the
// answer to a question about the tree.
type order struct {
	Target *render.Target
	Memory int64 // bytes that the process may occupy while it renders the target
	Slot   int   // which of the trees that the worker remembers this one is
	Fresh  bool  // it is another one than was in the slot before
	Answer *answer
}

// message goes from a worker to the parent: that it is there, a question, or how
// the render ended.
type message struct {
	Ready    bool
	Question *question
	Result   *render.Result
	Error    string // how it failed; empty when it did not
}

// question asks for something of the tree that is rendered.
type question struct {
	Op   operation
	Name string
}

type operation byte

const (
	stat operation = iota
	readDir
	readFile
	locate
	files
	folder
)

// answer is what the tree said.
type answer struct {
	Failed *failure
	Info   info
	List   []info
	Data   []byte
	Text   string
	Names  []string
	Known  []known // answers to questions that will follow
}

// known is an answer ahead of its question.
type known struct {
	Question question
	Answer   answer
}

// failure is an error of a file system on its way between processes.
type failure struct {
	Op, Path string
	Text     string
	Absent   bool
}

func failed(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Text: err.Error(), Absent: errors.Is(err, fs.ErrNotExist)}
	var at *fs.PathError
	if errors.As(err, &at) {
		f.Op, f.Path, f.Text = at.Op, at.Path, at.Err.Error()
	}
	return f
}

func (f *failure) error() error {
	if f == nil {
		return nil
	}
	err := errors.New(f.Text)
	if f.Absent {
		err = fs.ErrNotExist
	}
	if f.Op == "" {
		return err
	}
	return &fs.PathError{Op: f.Op, Path: f.Path, Err: err}
}

// info describes a file. Its size is not known: nothing that renders asks.
type info struct {
	Base string
	Bits fs.FileMode
}

func infoOf(i fs.FileInfo) info { return info{i.Name(), i.Mode()} }

func (i info) Name() string       { return path.Base(i.Base) }
func (i info) Mode() fs.FileMode  { return i.Bits }
func (i info) IsDir() bool        { return i.Bits.IsDir() }
func (i info) Size() int64        { return 0 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) Sys() any           { return nil }
