package fetch

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// maxResponse bounds a single answer: the largest known indexes have some 20 MB.
const maxResponse = 64 << 20

var errTooLong = fmt.Errorf("the answer is longer than %d MiB", maxResponse>>20)

// guard lets requests through to allowed locations only, redirects included,
// and bounds what comes back.
type guard struct {
	next    http.RoundTripper
	allowed Prefixes
	logins  Logins

	unbounded bool // somebody else counts what comes back

	mu      sync.Mutex
	refused *NotAllowed // the first location that was refused
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if !g.allowed.allow(r.URL) {
		return nil, g.refuse(r.URL)
	}
	answer, err := g.next.RoundTrip(r)
	if err == nil && !g.unbounded {
		answer.Body = &bounded{answer.Body, maxResponse}
	}
	return answer, err
}

// do sends a request. Its host's login goes to that host alone.
func (g *guard) do(request *http.Request) (*http.Response, error) {
	if known, ok := g.logins.hosts[strings.ToLower(request.URL.Hostname())]; ok && (request.URL.Scheme == "https" || loopback(request.URL)) {
		request.SetBasicAuth(known.user, known.password)
	}
	client := http.Client{Transport: g, CheckRedirect: func(next *http.Request, before []*http.Request) error {
		if next.URL.Host != before[0].URL.Host || next.URL.Scheme != before[0].URL.Scheme {
			next.Header.Del("Authorization")
		}
		if len(before) > 5 {
			return errors.New("too many redirects")
		}
		return nil
	}}
	return client.Do(request)
}

func (g *guard) refuse(u *url.URL) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := &NotAllowed{URL: place(u)}
	// A registry on this machine is asked both with and without encryption.
	if g.refused == nil && !(u.Scheme == "https" && loopback(u)) {
		g.refused = e
	}
	return e
}

// refusal is what was refused, or the error where nothing was: libraries
// between here and there may hide it.
func (g *guard) refusal(err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refused != nil {
		return g.refused
	}
	return err
}

// place is a URL without what may be secret in it, down to the folder.
func place(u *url.URL) string {
	at := *u
	at.User, at.RawQuery, at.Fragment = nil, "", ""
	return at.ResolveReference(&url.URL{Path: "."}).String()
}

// bounded is a body that fails when it is too long, instead of ending early.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}
