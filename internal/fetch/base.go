package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/render"
)

// maxFile bounds a file that a kustomization names by its URL.
const maxFile = 20 << 20

// Base is what a kustomization names outside of the tree: a file's content, or
// the tree of a repository at a commit.
type Base struct {
	File []byte
	Tree fs.FS
}

// Base obtains what a kustomization names. A *NotAllowed is a location that
// nobody allowed.
func (s *Source) Base(ctx context.Context, r render.Remote) (*Base, error) {
	key := r
	key.Dir = "" // folders of one repository are one fetch
	s.mu.Lock()
	get, asked := s.bases[key]
	if !asked {
		get = sync.OnceValues(func() (*Base, error) {
			limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.client.patience())
			defer cancel()
			return s.base(limited, r)
		})
		s.bases[key] = get
	}
	s.mu.Unlock()
	base, err := get()
	s.mu.Lock()
	s.have[key] = true
	s.mu.Unlock()
	return base, err
}

// KnownBase returns what was asked for before, without asking anybody.
func (s *Source) KnownBase(r render.Remote) (*Base, error) {
	r.Dir = ""
	s.mu.Lock()
	get, have := s.bases[r], s.have[r]
	s.mu.Unlock()
	if !have {
		return nil, ErrUnknown
	}
	return get()
}

// Close gives up what was fetched of repositories.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed []error
	for _, c := range s.opened {
		failed = append(failed, c.Close())
	}
	for _, dir := range s.dirs {
		failed = append(failed, os.RemoveAll(dir))
	}
	s.opened, s.dirs = nil, nil
	return errors.Join(failed...)
}

func (s *Source) base(ctx context.Context, r render.Remote) (*Base, error) {
	if r.Never != "" {
		return nil, errors.New(r.Never)
	}
	var failed error
	if r.File != "" {
		base, err := s.file(ctx, r)
		if err == nil || r.Repository == "" {
			return base, err
		}
		var no *NotAllowed
		if failed = err; !errors.As(err, &no) && ctx.Err() != nil {
			return nil, err
		}
	}
	base, err := s.repository(ctx, r)
	if err != nil && failed != nil {
		err = fmt.Errorf("%w; as a file it %w", err, failed)
	}
	return base, err
}

// guardFor lets through to what is allowed, and to what belongs to it.
func (s *Source) guardFor(r render.Remote, at string, allowed bool, also Prefixes) (*guard, error) {
	if _, err := ParsePrefix(at); err != nil {
		return nil, err
	}
	if !allowed {
		no := &NotAllowed{URL: at}
		if own := OfRemote(r); len(own) > 0 {
			no.URL = own[0].String()
		}
		return nil, no
	}
	logins, err := s.client.Logins()
	if err != nil {
		return nil, fmt.Errorf("the logins for hosts cannot be read: %w", err)
	}
	return &guard{next: s.client.Network, allowed: slices.Concat(s.allowed, also), logins: logins}, nil
}

// file downloads a file. What may be a repository as well must hold objects.
func (s *Source) file(ctx context.Context, r render.Remote) (*Base, error) {
	at, err := url.Parse(r.File)
	if err != nil {
		return nil, err
	}
	bare := *at
	bare.RawQuery, bare.Fragment = "", ""
	guard, err := s.guardFor(render.Remote{File: r.File}, bare.String(), s.allowed.Allows(bare.String()), nil)
	if err != nil {
		return nil, err
	}
	data, err := s.download(ctx, guard, at, maxFile)
	switch {
	case ctx.Err() != nil:
		return nil, errTooSlow
	case err != nil:
		return nil, fmt.Errorf("could not be fetched: %w", guard.refusal(err))
	case r.Repository != "" && !isObject(data):
		return nil, errors.New("is no manifest")
	}
	return &Base{File: data}, nil
}

var errTooSlow = errors.New("could not be fetched: it took too long")

func isObject(data []byte) bool {
	var object struct {
		Kind string `json:"kind"`
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(string(data), "---\n"), "\n---")
	return yaml.Unmarshal([]byte(first), &object) == nil && object.Kind != ""
}

// repository fetches one commit. Git asks this process alone, which asks the
// repository's host as the guard allows.
func (s *Source) repository(ctx context.Context, r render.Remote) (*Base, error) {
	var own Prefixes // hosts send those who leave out the ending .git there
	for _, at := range []string{strings.TrimSuffix(r.Repository, ".git"), strings.TrimSuffix(r.Repository, ".git") + ".git"} {
		if p, err := ParsePrefix(at); err == nil {
			own = append(own, p)
		}
	}
	guard, err := s.guardFor(render.Remote{Repository: r.Repository}, r.Repository, s.allowed.AllowsGit(r.Repository), own)
	if err != nil {
		return nil, err
	}
	if s.client.Git == nil {
		return nil, errors.New("git, which fetches repositories, is not on the PATH")
	}
	dir, err := os.MkdirTemp("", "rendergate-git-")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.dirs = append(s.dirs, dir)
	s.mu.Unlock()
	relay, err := newRelay(ctx, guard, r.Repository)
	if err != nil {
		return nil, err
	}
	defer relay.close()
	repo, commit, err := s.client.Git.Commit(ctx, dir, relay.url, r.Ref)
	if err != nil {
		return nil, fmt.Errorf("could not be fetched from %s: %w", r.Repository, relay.cause(ctx, err))
	}
	s.mu.Lock()
	s.opened = append(s.opened, repo)
	s.mu.Unlock()
	tree, err := repo.Tree(context.WithoutCancel(ctx), commit)
	return &Base{Tree: tree}, err
}
