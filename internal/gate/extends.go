package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/report"
)

// mostExtended bounds how many files extend each other.
const mostExtended = 5

// extended lays both sides' files over those of other repositories that they
// extend. Whatever base names is fetched; that it cannot be had is no answer,
// because nobody knows then what decides. What only head names is validated
// where base allows its location.
func (s *settings) extended(ctx context.Context, o Options, base, head *config.File) (b, h *config.File, err error) {
	x := extender{ctx: ctx, options: o, closed: base != nil && base.Network.None, read: map[string]*config.File{}}
	defer func() { s.notes = append(s.notes, x.notes...) }()
	b, err = x.whole(base, func(config.Extends) error { return nil })
	var wrong *UsageError
	if errors.As(err, &wrong) && o.Config == "" {
		s.notes = append(s.notes, fmt.Sprintf("base's configuration is invalid, so the defaults decide: %v", err))
		b, err = nil, nil
	}
	if err != nil || base == head {
		return b, b, err
	}
	vouched := map[string]bool{} // the repositories that base takes its own from
	for at := range x.read {
		if from, err := config.ParseExtends(at); err == nil {
			vouched[from.Repository] = true
		}
	}
	h, err = x.whole(head, func(at config.Extends) error { return named(at, vouched, base, b) })
	if err != nil && !errors.As(err, &wrong) {
		s.undecided = append(s.undecided, report.Undecided{Target: config.Name, Side: report.Head, Stage: "find", Error: err.Error()})
		h, err = head, nil
	}
	return b, h, err
}

// named says that base allows what head extends, at whatever distance: it extends
// the same repository, or its network.allow covers it. A host may serve any commit
// as one of a repository that was forked, so that nobody vouches for what such a
// file names in turn.
func named(at config.Extends, vouched map[string]bool, base, whole *config.File) error {
	if vouched[at.Repository] {
		return nil
	}
	allowed := fetch.Prefixes{}
	for _, f := range []*config.File{base, whole} {
		if f == nil {
			continue
		}
		for _, text := range f.Network.Allow {
			if p, err := fetch.ParsePrefix(text); err == nil {
				allowed = append(allowed, p)
			}
		}
	}
	if allowed.AllowsGit(at.Repository) {
		return nil
	}
	return &fetch.NotAllowed{URL: at.Repository}
}

// extender reads the files that files extend, each once.
type extender struct {
	ctx     context.Context
	options Options
	closed  bool // base's configuration says network: none
	read    map[string]*config.File
	notes   []string
}

// whole is a file over all that it extends.
func (x *extender) whole(f *config.File, may func(config.Extends) error) (*config.File, error) {
	if f == nil {
		return nil, nil
	}
	all, from := []*config.File{f}, f.Extends
	for from != "" {
		if len(all) > mostExtended {
			return nil, &UsageError{fmt.Errorf("more than %d configuration files extend each other, from %s on", mostExtended, f.Extends)}
		}
		at, err := config.ParseExtends(from)
		if err != nil {
			return nil, &UsageError{err}
		}
		if err := may(at); err != nil {
			return nil, fmt.Errorf("the configuration extends %s, which is new with this change: %w", at, err)
		}
		under, err := x.file(at)
		if err != nil {
			return nil, err
		}
		all, from = append(all, under), under.Extends
	}
	made := all[len(all)-1]
	for _, over := range slices.Backward(all[:len(all)-1]) {
		made = over.Over(made)
	}
	return made, nil
}

func (x *extender) file(at config.Extends) (*config.File, error) {
	if known := x.read[at.String()]; known != nil {
		return known, nil
	}
	data, err := x.data(fetch.Pinned(at))
	if err != nil {
		return nil, fmt.Errorf("the configuration extends %s, and what it says is not known: %w", at, err)
	}
	f, err := config.Parse(at.String(), data, ids())
	if err != nil {
		return nil, &UsageError{err}
	}
	x.read[at.String()] = f
	if own := f.OnlyThere(); len(own) > 0 {
		x.notes = append(x.notes, fmt.Sprintf("%s of %s are about its own repository and are not taken over", strings.Join(own, " and "), at))
	}
	return f, nil
}

func (x *extender) data(at fetch.Pinned) ([]byte, error) {
	if data, known := at.Kept(x.options.Cache); known {
		return data, nil
	}
	if x.options.Charts == nil {
		return nil, errors.New("it was not fetched before, and --offline fetches nothing: run the same command once without --offline, which keeps it")
	}
	if x.closed {
		return nil, errors.New("it was not fetched before, and network: none fetches nothing: copy what it says into " + config.Name)
	}
	data, err := x.options.Charts.Pinned(x.ctx, at)
	if err != nil {
		return nil, fmt.Errorf("%w; if this goes on, copy what it says into %s; try it with: git fetch --depth 1 %s %s", err, config.Name, at.Repository, at.Commit)
	}
	return data, nil
}
