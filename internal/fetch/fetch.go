// Package fetch obtains chart archives from chart repositories and OCI
// registries, and the files and commits that kustomizations build upon: only from locations that it is told to allow, bounded in size and
// time, checked against the digest that the repository names, and the same
// answer for everybody who asks in one run.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
)

// timeLimit bounds what one chart may take.
const timeLimit = 60 * time.Second

// maxArchive bounds a packed chart.
const maxArchive = 20 << 20

// Client is what this machine fetches with.
type Client struct {
	Network  http.RoundTripper
	Cache    string // a folder for archives, by digest; empty: nothing is kept
	Logins   func() (Logins, error)
	Git      *git.Cloner   // nil: there is no git, and no repository is fetched
	Patience time.Duration // for one chart or base; 0: a minute
}

func (c *Client) patience() time.Duration {
	if c.Patience > 0 {
		return c.Patience
	}
	return timeLimit
}

// Chart is an archive that is wanted. Version is one, or a constraint.
type Chart struct{ Repository, Name, Version string }

// Archive is a packed chart.
type Archive struct {
	Name, Version string
	Data          []byte
}

// Source fetches from allowed locations, each thing once.
type Source struct {
	client  *Client
	allowed Prefixes

	mu      sync.Mutex
	charts  map[Chart]func() (*Archive, error)
	indexes map[string]func() (index, error)
	done    map[Chart]bool

	bases  map[render.Remote]func() (*Base, error)
	have   map[render.Remote]bool
	opened []io.Closer // of fetched repositories
	dirs   []string
}

// From returns a source that fetches from the allowed locations.
func (c *Client) From(allowed Prefixes) *Source {
	return &Source{
		client: c, allowed: allowed, done: map[Chart]bool{},
		charts: map[Chart]func() (*Archive, error){}, indexes: map[string]func() (index, error){},
		bases: map[render.Remote]func() (*Base, error){}, have: map[render.Remote]bool{},
	}
}

// Get obtains a chart. A *NotAllowed is a location that nobody allowed.
func (s *Source) Get(ctx context.Context, chart Chart) (*Archive, error) {
	s.mu.Lock()
	get, asked := s.charts[chart]
	if !asked {
		get = sync.OnceValues(func() (*Archive, error) {
			// Whoever asks first must not take the answer from the others by leaving.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.client.patience())
			defer cancel()
			return s.get(ctx, chart)
		})
		s.charts[chart] = get
	}
	s.mu.Unlock()
	archive, err := get()
	s.mu.Lock()
	s.done[chart] = true
	s.mu.Unlock()
	return archive, err
}

// ErrUnknown is about something that nobody asked for.
var ErrUnknown = errors.New("it was not asked for at either side of the change")

// Known returns a chart that was asked for before, without asking anybody.
func (s *Source) Known(chart Chart) (*Archive, error) {
	s.mu.Lock()
	get, done := s.charts[chart], s.done[chart]
	s.mu.Unlock()
	if !done {
		return nil, ErrUnknown
	}
	return get()
}

// inRegistry is the chart's own repository in an OCI registry, which is what an
// OCIRepository names; empty where the chart comes from elsewhere.
func (c Chart) inRegistry() string {
	if !strings.HasPrefix(c.Repository, "oci://") {
		return ""
	}
	return strings.TrimSuffix(c.Repository, "/") + "/" + c.Name
}

var isName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (s *Source) get(ctx context.Context, chart Chart) (*Archive, error) {
	if !isName.MatchString(chart.Name) {
		return nil, fmt.Errorf("%q is no name of a chart", chart.Name)
	}
	if !s.allowed.Allows(chart.Repository) && !s.allowed.Allows(chart.inRegistry()) {
		if _, err := ParsePrefix(chart.Repository); err != nil {
			return nil, err
		}
		return nil, &NotAllowed{URL: strings.TrimSuffix(chart.Repository, "/") + "/"}
	}
	logins, err := s.client.Logins()
	if err != nil {
		return nil, fmt.Errorf("the logins for chart repositories cannot be read: %w", err)
	}
	guard := &guard{next: s.client.Network, allowed: s.allowed, logins: logins}
	archive, err := s.through(ctx, guard, chart)
	if err == nil {
		if err := archive.check(chart); err != nil {
			return nil, err
		}
		return archive, nil
	}
	return nil, fmt.Errorf("could not be fetched from %s: %w", chart.Repository, guard.refusal(err))
}

func (s *Source) through(ctx context.Context, guard *guard, chart Chart) (*Archive, error) {
	if strings.HasPrefix(chart.Repository, "oci://") {
		return s.fromRegistry(ctx, guard, chart.inRegistry(), chart.Version)
	}
	return s.fromRepository(ctx, guard, chart)
}

// check refuses an archive that is not the chart that it is said to be.
func (a *Archive) check(chart Chart) error {
	name, version, err := render.ReadArchive(a.Data)
	switch {
	case err != nil:
		return fmt.Errorf("what %s serves as %s %s %w", chart.Repository, chart.Name, a.Version, err)
	case name != chart.Name || !sameVersion(version, a.Version):
		return fmt.Errorf("what %s serves as %s %s is %s %s", chart.Repository, chart.Name, a.Version, name, version)
	}
	a.Name, a.Version = name, version
	return nil
}

func sameVersion(a, b string) bool {
	x, errX := semver.NewVersion(a)
	y, errY := semver.NewVersion(b)
	return a == b || errX == nil && errY == nil && x.Equal(y)
}

// highest is the version that helm would take: the one that is named, else the
// highest that satisfies.
func highest(versions []string, wanted string) (string, error) {
	for _, v := range versions {
		if v == wanted {
			return v, nil
		}
	}
	constraint, err := semver.NewConstraint(wanted)
	if err != nil {
		return "", fmt.Errorf("%q is no version and no constraint: %w", wanted, err)
	}
	best, at := (*semver.Version)(nil), ""
	for _, text := range versions {
		if v, err := semver.NewVersion(text); err == nil && constraint.Check(v) && (best == nil || v.GreaterThan(best)) {
			best, at = v, text
		}
	}
	if best == nil {
		return "", fmt.Errorf("there is no version that satisfies %q", wanted)
	}
	return at, nil
}
