package gate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
)

// mostBases bounds what one run fetches for kustomizations: what is fetched may
// name more.
const mostBases = 100

// bases are the files and repositories that were fetched for kustomizations, by
// the place where renderers look for them. The place tells the address and the
// ref, so that every render may see all of them: only who names one finds it.
type bases struct {
	mu    sync.Mutex
	files map[string][]byte
	trees map[string]fs.FS
	from  io.Closer
}

func newBases() *bases { return &bases{files: map[string][]byte{}, trees: map[string]fs.FS{}} }

// owner is who gives up what was fetched in the end.
func (b *bases) owner(c io.Closer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.from = c
}

func (b *bases) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.from != nil {
		// What stays behind in the folder for temporary files changes no verdict.
		_ = b.from.Close()
	}
}

func (b *bases) add(r render.Remote, base *fetch.Base) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := r.TreePlace()
	if base.Tree == nil {
		at = r.FilePlace()
	}
	_, file := b.files[at]
	_, tree := b.trees[at]
	switch {
	case file || tree: // for another target
	case len(b.files)+len(b.trees) == mostBases:
		return fmt.Errorf("%d remote bases were fetched, and no more are in one run; copy some into the repository", mostBases)
	case base.Tree == nil:
		b.files[at] = base.File
	default:
		b.trees[at] = base.Tree
	}
	return nil
}

// outside obtains what a kustomization names, or notes why it could not.
func (s *supply) outside(ctx context.Context, source *fetch.Source, m *render.Missing) bool {
	get := source.Base
	if s.asked {
		get = func(_ context.Context, r render.Remote) (*fetch.Base, error) { return source.KnownBase(r) }
	}
	base, err := get(ctx, *m.Remote)
	if err == nil {
		err = s.bases.add(*m.Remote, base)
	}
	if err != nil {
		m.Why = err.Error()
	}
	return err == nil
}

// in finds where a path lies in what was fetched: in a tree, or as a file.
func (b *bases) in(name string) (tree fs.FS, below string, file []byte, found bool) {
	if !strings.HasPrefix(name, "\x00") {
		return nil, "", nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if file, found = b.files[name]; found {
		return nil, "", file, true
	}
	for at := name; at != "."; at = path.Dir(at) {
		if tree, found = b.trees[at]; found {
			return tree, path.Join(".", strings.TrimPrefix(strings.TrimPrefix(name, at), "/")), nil, true
		}
	}
	return nil, "", nil, false
}

// mounted is a tree with what was fetched beside it. Both keep to themselves: a
// link of one never leads into the other.
type mounted struct {
	*git.Tree
	bases *bases
}

// beside is a tree with what was fetched so far, which grows. Where that is
// nothing it is the tree itself, which workers know again.
func (b *bases) beside(tree *git.Tree) fs.FS {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.files)+len(b.trees) == 0 {
		return tree
	}
	return mounted{tree, b}
}

// Stat implements fs.StatFS.
func (m mounted) Stat(name string) (fs.FileInfo, error) {
	tree, below, file, found := m.bases.in(name)
	switch {
	case !found:
		return m.Tree.Stat(name)
	case tree != nil:
		return fs.Stat(tree, below)
	}
	return fetchedFile{path.Base(name), int64(len(file))}, nil
}

// ReadFile implements fs.ReadFileFS.
func (m mounted) ReadFile(name string) ([]byte, error) {
	tree, below, file, found := m.bases.in(name)
	switch {
	case !found:
		return m.Tree.ReadFile(name)
	case tree != nil:
		return fs.ReadFile(tree, below)
	}
	return bytes.Clone(file), nil
}

// ReadDir implements fs.ReadDirFS.
func (m mounted) ReadDir(name string) ([]fs.DirEntry, error) {
	if tree, below, _, found := m.bases.in(name); found && tree != nil {
		return fs.ReadDir(tree, below)
	}
	return m.Tree.ReadDir(name)
}

// Locate follows the links of a path to the real one.
func (m mounted) Locate(name string) (string, error) {
	tree, below, _, found := m.bases.in(name)
	if !found {
		return m.Tree.Locate(name)
	}
	locator, ok := tree.(interface{ Locate(string) (string, error) })
	if !ok {
		return name, nil
	}
	real, err := locator.Locate(below)
	at := strings.TrimSuffix(strings.TrimSuffix(name, below), "/")
	return path.Join(at, real), err
}

// Open implements fs.FS.
func (m mounted) Open(name string) (fs.File, error) {
	if tree, below, _, found := m.bases.in(name); found && tree != nil {
		return tree.Open(below)
	}
	return m.Tree.Open(name)
}

// fetchedFile describes a file that was fetched alone.
type fetchedFile struct {
	name string
	size int64
}

func (f fetchedFile) Name() string       { return f.name }
func (f fetchedFile) Size() int64        { return f.size }
func (f fetchedFile) Mode() fs.FileMode  { return 0o644 }
func (f fetchedFile) ModTime() time.Time { return time.Time{} }
func (f fetchedFile) IsDir() bool        { return false }
func (f fetchedFile) Sys() any           { return nil }
