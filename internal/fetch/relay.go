package fetch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"
)

// maxPack bounds what a repository's host may send for one commit.
const maxPack = 256 << 20

// relay is all of the network that git gets to see: one repository, to be read,
// on a port of this machine and below a path that nobody guesses. Whom it asks,
// how far it follows redirects, how much it takes and what login it shows is
// decided here and as for charts, not by git and its configuration.
type relay struct {
	url string

	guard    *guard
	upstream *url.URL
	server   *http.Server
	secret   string
	ctx      context.Context // of the one fetch it serves

	mu     sync.Mutex
	left   int64
	failed error
}

func newRelay(ctx context.Context, g *guard, repository string) (*relay, error) {
	upstream, err := url.Parse(repository)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g.unbounded = true // the relay counts all answers together
	r := &relay{guard: g, upstream: upstream, secret: "/" + rand.Text(), ctx: ctx, left: maxPack}
	r.url = "http://" + listener.Addr().String() + r.secret
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := r.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			r.fail(err) // which is then why the fetch fails
		}
	}()
	return r, nil
}

func (r *relay) close() {
	// Nobody waits for a connection that is cut off.
	_ = r.server.Close()
}

// cause is why the fetch failed: what was refused or broke here, else what git
// says.
func (r *relay) cause(ctx context.Context, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return errTooSlow
	}
	if r.failed != nil {
		return r.failed
	}
	return r.guard.refusal(err)
}

// ServeHTTP implements http.Handler: the two requests of git's protocol that
// read.
func (r *relay) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	asks, ok := strings.CutPrefix(in.URL.Path, r.secret)
	list := asks == "/info/refs" && in.Method == http.MethodGet && in.URL.Query().Get("service") == "git-upload-pack"
	if !ok || !list && (asks != "/git-upload-pack" || in.Method != http.MethodPost) {
		http.NotFound(w, in)
		return
	}
	r.mu.Lock()
	at := *r.upstream
	r.mu.Unlock()
	at.Path, at.RawQuery = strings.TrimSuffix(at.Path, "/")+asks, in.URL.RawQuery
	answer, err := r.ask(in, &at)
	if err != nil {
		r.fail(err)
		http.Error(w, "not fetched", http.StatusBadGateway)
		return
	}
	defer func() { _ = answer.Body.Close() }() // what was read of it stands
	if list && answer.StatusCode == http.StatusOK {
		r.moved(answer.Request.URL)
	}
	if answer.StatusCode != http.StatusOK {
		r.fail(fmt.Errorf("%s answers %s", place(&at), answer.Status))
	}
	w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
	w.WriteHeader(answer.StatusCode)
	if _, err := io.Copy(w, &counted{answer.Body, r}); err != nil {
		r.fail(err)
		panic(http.ErrAbortHandler) // git must not take what is cut off for all
	}
}

// ask sends git's request on, with the headers that its protocol needs.
func (r *relay) ask(in *http.Request, at *url.URL) (*http.Response, error) {
	out, err := http.NewRequestWithContext(r.ctx, in.Method, at.String(), in.Body)
	if err != nil {
		return nil, err
	}
	out.ContentLength = in.ContentLength
	for _, name := range []string{"Accept", "Content-Type", "Content-Encoding", "Git-Protocol", "User-Agent"} {
		if value := in.Header.Get(name); value != "" {
			out.Header.Set(name, value)
		}
	}
	answer, err := r.guard.do(out)
	if err != nil {
		return nil, r.guard.refusal(err)
	}
	return answer, nil
}

// moved follows the repository to where its list was found, as git does.
func (r *relay) moved(to *url.URL) {
	if path.Base(path.Dir(to.Path)) != "info" {
		return
	}
	at := *to
	at.Path, at.RawPath, at.RawQuery = strings.TrimSuffix(to.Path, "/info/refs"), "", ""
	r.mu.Lock()
	defer r.mu.Unlock()
	r.upstream = &at
}

func (r *relay) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = err
	}
}

// counted is a body that counts against the limit of the whole fetch.
type counted struct {
	io.Reader
	relay *relay
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.relay.mu.Lock()
	defer c.relay.mu.Unlock()
	if c.relay.left -= int64(n); c.relay.left < 0 {
		return 0, fmt.Errorf("the repository has more than %d MiB", maxPack>>20)
	}
	return n, err
}
