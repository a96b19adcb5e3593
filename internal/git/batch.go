package git

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// batch is one `git cat-file` that serves objects for as long as it is asked.
type batch struct {
	command func(args ...string) *exec.Cmd
	lacks   func(object) bool // the clone has it not, and asking git for it ends git

	mu       sync.Mutex
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
	buffered bool // git collects its answers until it is told to flush them
	tried    bool
	cached   map[object][]byte
	broken   error
}

func (r *Repo) startBatch(ctx context.Context) (*batch, error) {
	r.starting.Lock()
	defer r.starting.Unlock()
	if r.blobs != nil {
		return r.blobs, nil
	}
	b := &batch{
		command: func(args ...string) *exec.Cmd { return r.command(ctx, nil, append([]string{"cat-file"}, args...)...) },
		cached:  map[object][]byte{},
		lacks: func(id object) bool {
			_, absent := r.absent.Load(id)
			return absent
		},
	}
	if err := b.start(true); err != nil {
		return nil, err
	}
	r.blobs = b
	return b, nil
}

// start starts git. Answers that it collects cost both sides half the time, but
// git before 2.36 does not know how.
func (b *batch) start(buffered bool) error {
	args := []string{"--batch"}
	if buffered {
		args = []string{"--batch-command", "--buffer"}
	}
	cmd := b.command(args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	b.cmd, b.in, b.out, b.buffered = cmd, in, bufio.NewReaderSize(out, 1<<16), buffered
	return nil
}

// usable waits for git to be there the first time, and starts it as an old one
// wants it where it went away at once.
func (b *batch) usable() bool {
	if b.tried || b.broken != nil {
		return b.broken == nil
	}
	b.tried = true
	if _, err := io.WriteString(b.in, "info HEAD\nflush\n"); err == nil {
		if _, err := b.out.ReadString('\n'); err == nil {
			return true // whatever it says of HEAD
		}
	}
	_ = b.stop() // it says what options it knows
	if err := b.start(false); err != nil {
		b.broken = brokeOff(err)
	}
	return b.broken == nil
}

// question is how git is asked for an object.
func (b *batch) question(name string) string {
	if !b.buffered {
		return name + "\n"
	}
	return "contents " + name + "\nflush\n"
}

// questions is the same for many.
func (b *batch) questions(wanted []object) []byte {
	before, after := "", ""
	if b.buffered {
		before, after = "contents ", "flush\n"
	}
	text := make([]byte, 0, len(wanted)*(len(before)+2*len(wanted[0])+1)+len(after))
	for _, id := range wanted {
		text = append(text, before...)
		text = hex.AppendEncode(text, []byte(id))
		text = append(text, '\n')
	}
	return append(text, after...)
}

// blob returns an object's content, which must not be changed.
func (b *batch) blob(id object) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if data, ok := b.cached[id]; ok {
		return data, nil
	}
	if b.lacks(id) {
		return nil, notHere(id.String())
	}
	if !b.usable() {
		return nil, b.broken
	}
	data, err := b.read(id.String())
	if err != nil {
		return nil, err
	}
	b.cached[id] = data
	return data, nil
}

// prefetch reads many objects into the cache. Errors are left to those who ask
// for the object.
func (b *batch) prefetch(ids []object) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var wanted []object
	asked := map[object]bool{}
	for _, id := range ids {
		if _, known := b.cached[id]; !known && !asked[id] {
			asked[id] = true
			wanted = append(wanted, id)
		}
	}
	_ = b.each(wanted, func(id object, data []byte, err error) error { // as above
		if err == nil {
			b.cached[id] = data
		}
		return nil
	})
}

// each asks for many objects and hands over each as it comes, or why it does
// not, while git reads those behind it. The caller holds the lock. The error is
// the first of take, or why the stream broke off.
func (b *batch) each(wanted []object, take func(id object, data []byte, err error) error) error {
	wanted, failed := b.present(wanted, take)
	if len(wanted) == 0 {
		return failed
	}
	if !b.usable() {
		return b.broken
	}
	sent := make(chan error, 1)
	go func() { // the answers must be read meanwhile, or both sides wait for ever
		_, err := b.in.Write(b.questions(wanted))
		sent <- err
	}()
	for _, id := range wanted {
		data, err := b.answer()
		if b.broken != nil {
			break
		}
		if failed == nil {
			failed = take(id, data, err)
		}
	}
	if err := <-sent; err != nil && b.broken == nil {
		b.broken = brokeOff(err)
	}
	return cmp.Or(b.broken, failed)
}

// present are those of some objects that the clone has. Of the others take is
// told that they are not here; the error is its first.
func (b *batch) present(wanted []object, take func(id object, data []byte, err error) error) (here []object, failed error) {
	for _, id := range wanted {
		if !b.lacks(id) {
			here = append(here, id)
		} else if failed == nil {
			failed = take(id, nil, notHere(id.String()))
		}
	}
	return here, failed
}

// notHere says that the clone lacks an object, and how to get it.
func notHere(name string) error {
	return fmt.Errorf("object %s is not in this clone (a partial or shallow one): fetch it with: git fetch --refetch origin", name)
}

// commit asks which commit a name stands for, and for its tree: this process is
// there already, and another one takes time to start. False says nothing but
// that somebody else should be asked.
func (b *batch) commit(name string) (commit, tree string, ok bool) {
	if strings.ContainsAny(name, "\x00\r\n") {
		return "", "", false // a question is one line
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.usable() {
		return "", "", false
	}
	if _, err := io.WriteString(b.in, b.question(name+"^{commit}")); err != nil {
		b.broken = brokeOff(err)
		return "", "", false
	}
	header, err := b.out.ReadString('\n')
	if err != nil {
		b.broken = brokeOff(err)
		return "", "", false
	}
	commit, rest, _ := strings.Cut(strings.TrimSuffix(header, "\n"), " ")
	size, is := strings.CutPrefix(rest, "commit ")
	if !is || !isSHA(commit) {
		return "", "", false // git repeats the name, and says what is wrong with it
	}
	data, err := b.content(size)
	if err != nil {
		return "", "", false
	}
	line, _, _ := strings.Cut(string(data), "\n")
	tree, ok = strings.CutPrefix(line, "tree ")
	return commit, tree, ok && isSHA(tree)
}

func (b *batch) read(sha string) ([]byte, error) {
	if _, err := io.WriteString(b.in, b.question(sha)); err != nil {
		return nil, b.fail(err)
	}
	return b.answer()
}

// answer reads what git says to a question for an object: its id, its type and
// its size, or what it was asked for and that it is missing.
func (b *batch) answer() ([]byte, error) {
	header, err := b.out.ReadSlice('\n')
	if err != nil {
		return nil, b.fail(err)
	}
	said := bytes.TrimSuffix(header, []byte("\n"))
	if name, missing := bytes.CutSuffix(said, []byte(" missing")); missing {
		return nil, notHere(string(name))
	}
	if bytes.Count(said, []byte(" ")) != 2 {
		return nil, b.fail(fmt.Errorf("unexpected answer %q", said))
	}
	return b.content(string(said[bytes.LastIndexByte(said, ' ')+1:]))
}

// content reads as many bytes as git says that follow.
func (b *batch) content(said string) ([]byte, error) {
	size, err := strconv.Atoi(said)
	if err != nil {
		return nil, b.fail(err)
	}
	data := make([]byte, size+1) // the content and a newline
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, b.fail(err)
	}
	return data[:size:size], nil
}

// ended says that the process is of no further use.
func (b *batch) ended() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken != nil
}

// fail makes every later read fail too: the stream is out of step.
func (b *batch) fail(err error) error {
	b.broken = brokeOff(err)
	return b.broken
}

// brokeOff is what everybody is told who asks later.
func brokeOff(err error) error { return fmt.Errorf("git cat-file broke off: %w", err) }

// close ends the process, once nobody waits for an answer; whoever asks later
// gets none.
func (b *batch) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken == nil {
		b.broken = brokeOff(os.ErrClosed)
	}
	return b.stop()
}

func (b *batch) stop() error {
	if err := b.in.Close(); err != nil {
		return err
	}
	return b.cmd.Wait()
}
