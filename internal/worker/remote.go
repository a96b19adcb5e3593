package worker

import (
	"bytes"
	"crypto/sha256"
	"io"
	"io/fs"
	"path"
	"sync"
)

// remote is the tree of a job as the worker sees it: the parent has it, and
// answers. What was answered once is not asked again.
type remote struct {
	memory *memory
	ask    func(question) answer

	mu       sync.Mutex
	known    map[question]answer
	expected map[string]bool // folders that were asked for as a whole
	size     int             // bytes of the files that are known
	derived  sync.Map        // what was made of this tree
}

func newRemote(m *memory) *remote {
	return &remote{memory: m, known: map[question]answer{}, expected: map[string]bool{}}
}

// expect asks for all of a folder at once: a chart is read whole, and each
// question costs a wait.
func (r *remote) expect(dir string) {
	if r.expected[dir] {
		return
	}
	r.expected[dir] = true
	for _, k := range r.ask(question{folder, dir}).Known {
		r.learn(k.Question, k.Answer)
	}
}

func (r *remote) answer(op operation, name string) answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	q := question{op, name}
	a, known := r.known[q]
	if !known {
		a = r.ask(q)
		r.learn(q, a)
	}
	return a
}

// learn remembers an answer, and takes from the list of a folder what its files
// are. A link is asked for by itself, since the list says nothing of where it
// leads.
func (r *remote) learn(q question, a answer) {
	if _, twice := r.known[q]; !twice {
		r.size += len(a.Data)
	}
	r.known[q] = a
	if q.Op != readDir {
		return
	}
	for _, i := range a.List {
		if i.Bits&fs.ModeSymlink == 0 {
			r.known[question{stat, path.Join(q.Name, i.Base)}] = answer{Info: i}
		}
	}
}

// Stat implements fs.StatFS.
func (r *remote) Stat(name string) (fs.FileInfo, error) {
	a := r.answer(stat, name)
	if a.Failed != nil {
		return nil, a.Failed.error()
	}
	return a.Info, nil
}

// ReadDir implements fs.ReadDirFS.
func (r *remote) ReadDir(name string) ([]fs.DirEntry, error) {
	a := r.answer(readDir, name)
	if a.Failed != nil {
		return nil, a.Failed.error()
	}
	var list []fs.DirEntry
	for _, i := range a.List {
		list = append(list, fs.FileInfoToDirEntry(i))
	}
	return list, nil
}

// ReadFile implements fs.ReadFileFS.
func (r *remote) ReadFile(name string) ([]byte, error) {
	a := r.answer(readFile, name)
	return bytes.Clone(a.Data), a.Failed.error()
}

// Locate follows the links of a path, for renderers that must know where it
// really leads.
func (r *remote) Locate(name string) (string, error) {
	a := r.answer(locate, name)
	return a.Text, a.Failed.error()
}

// Files implements render.Lister.
func (r *remote) Files() []string { return r.answer(files, "").Names }

// Derive returns what build makes of the tree, and remembers it under the key.
func (r *remote) Derive(key string, build func() any) any { return remember(&r.derived, key, build) }

// Recall returns what build makes of the tree. The latest of that is
// remembered, as far as there is room.
func (r *remote) Recall(key string, build func() (any, int)) any {
	return r.memory.recall(r, key, build)
}

// DeriveFrom returns what build makes of a file's content, and remembers it for
// every tree with the same content.
func (r *remote) DeriveFrom(key, name string, build func() any) any {
	data, err := r.ReadFile(name)
	if err != nil {
		return build()
	}
	sum := sha256.Sum256(data)
	return remember(r.memory.parsed, key+" "+string(sum[:]), build)
}

func remember(known *sync.Map, key string, build func() any) any {
	if value, ok := known.Load(key); ok {
		return value
	}
	value, _ := known.LoadOrStore(key, build())
	return value
}

// Open implements fs.FS.
func (r *remote) Open(name string) (fs.File, error) {
	at, err := r.Stat(name)
	if err != nil {
		return nil, err
	}
	f := &opened{info: at}
	if at.IsDir() {
		f.list, err = r.ReadDir(name)
		f.Reader = bytes.NewReader(nil)
		return f, err
	}
	data, err := r.ReadFile(name)
	f.Reader = bytes.NewReader(data)
	return f, err
}

type opened struct {
	*bytes.Reader
	info fs.FileInfo
	list []fs.DirEntry
}

func (o *opened) Stat() (fs.FileInfo, error) { return o.info, nil }
func (o *opened) Close() error               { return nil }

// ReadDir implements fs.ReadDirFile.
func (o *opened) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(o.list) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(o.list) {
		n = len(o.list)
	}
	list := o.list[:n]
	o.list = o.list[n:]
	return list, nil
}
