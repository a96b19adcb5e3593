package gate

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// supply obtains what a render misses, and makes it part of the tree, charts
// where helm dependency build would put them: rendering stays a function of the
// tree.
type supply struct {
	base   *git.Tree
	source func() (*fetch.Source, error) // nil: nothing is fetched
	asked  bool                          // only what was fetched for a side of the change

	mu     *sync.Mutex
	before map[string][]supplied // by the target's folder
	packed map[string]bool       // archives made of base's charts, which nobody vendored
	bases  *bases                // that were fetched in this run
}

// supplied is what a target was given, as long as what it declares is the same.
type supplied struct {
	charts   []string // folders of the charts that lacked something
	declares [sha256.Size]byte
	files    map[string][]byte
}

func newSupply(change *git.Change, o Options, decides *config.File) *supply {
	s := &supply{base: change.Base, mu: &sync.Mutex{}, before: map[string][]supplied{}, packed: map[string]bool{}, bases: newBases()}
	if o.Charts != nil && !decides.Network.None {
		s.source = sync.OnceValues(func() (*fetch.Source, error) {
			allowed, err := locations(change.Base, decides)
			source := o.Charts.From(allowed)
			s.bases.owner(source)
			return source, err
		})
	}
	return s
}

// known is the same supply without anything new: blame's trees mix both sides,
// and nobody named what such a mixture would ask for.
func (s *supply) known() *supply {
	other := *s
	other.asked = true
	return &other
}

// mostRounds bounds how deeply what is fetched may name more to be fetched.
const mostRounds = 16

// supplied renders a target with what its tree does not have. Its objects know
// where they hold pods.
func (j judge) supplied(ctx context.Context, tree fs.FS, t render.Target) (*render.Result, error) {
	result, err := j.completed(ctx, tree, t)
	if result != nil {
		manifest.Recognize(result.Objects, j.workloads)
	}
	return result, err
}

// completed renders a target, and again with what it lacked.
func (j judge) completed(ctx context.Context, tree fs.FS, t render.Target) (*render.Result, error) {
	own, ok := tree.(*git.Tree)
	if !ok || j.supply == nil {
		result, err := j.workers.Render(ctx, tree, t, j.budget)
		return unlessFailed(result, err), err
	}
	files, given := j.supply.again(own, t.Dir), map[render.Remote]bool{}
	for round := 0; ; round++ {
		in := own
		if len(files) > 0 {
			in = own.With(files)
		}
		result, err := j.workers.Render(ctx, j.supply.bases.beside(in), t, j.budget)
		if result == nil || len(result.Missing) == 0 {
			return j.supply.declared(unlessFailed(result, err), files), err
		}
		before, had := len(files), len(given)
		maps.Copy(files, j.supply.obtain(ctx, result.Missing, given))
		if i := slices.IndexFunc(result.Missing, unknown); i >= 0 && j.supply.asked {
			return nil, fmt.Errorf("%s", result.Missing[i])
		}
		if len(files) == before && len(given) == had || round == mostRounds {
			return j.supply.declared(unlessFailed(result, err), files), explained(err, result.Missing)
		}
		if len(files) > before {
			j.supply.keep(own, t.Dir, result.Missing, files)
		}
	}
}

// unknown says that nobody asked for a part before. What a tree of blame's
// deploys without it says nothing about the change.
func unknown(m render.Missing) bool { return m.Why == fetch.ErrUnknown.Error() }

// declared moves the objects of fetched charts to the file that declares them:
// their archives are in nobody's repository.
func (s *supply) declared(result *render.Result, files map[string][]byte) *render.Result {
	if result == nil {
		return nil
	}
	for _, o := range result.Objects {
		if _, fetched := files[o.Origin.Path]; fetched {
			o.Origin.Path = path.Join(path.Dir(path.Dir(o.Origin.Path)), "Chart.yaml")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	result.Sources = slices.DeleteFunc(result.Sources, func(o *manifest.Object) bool {
		return s.packed[o.Origin.Path] && files[o.Origin.Path] != nil && o.Kind == render.VendoredChart
	})
	return result
}

func unlessFailed(result *render.Result, err error) *render.Result {
	if err != nil {
		return nil
	}
	return result
}

// explained adds to an error why what may have caused it is missing.
func explained(err error, missing []render.Missing) error {
	for _, m := range missing {
		if err != nil && m.Why != "" {
			err = fmt.Errorf("%w; %s %s", err, m.Name, m.Why)
		}
	}
	return err
}

// obtain fetches what is missing, and notes on each why it could not. Charts
// are returned as files of the tree; bases are mounted, and added to those given.
func (s *supply) obtain(ctx context.Context, missing []render.Missing, given map[render.Remote]bool) map[string][]byte {
	files := s.outgrown(missing)
	if s.source == nil {
		return files
	}
	source, err := s.source()
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(4)
	for i := range missing {
		m := &missing[i]
		if m.Kind == render.MissingValues || m.Kind == render.MissingProgram || m.Why == outgrown {
			continue // no place has the first two, and base has the last
		}
		group.Go(func() error {
			if m.Remote != nil && err == nil {
				if s.outside(ctx, source, m) {
					mu.Lock()
					defer mu.Unlock()
					given[*m.Remote] = true
				}
				return nil
			}
			archive, failed := (*fetch.Archive)(nil), err
			if failed == nil {
				archive, failed = s.archive(ctx, source, *m)
			}
			if failed != nil {
				m.Why = failed.Error()
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			m.Why = "what was fetched for it is not used: its version, or .helmignore, keeps it out"
			at := m.Archive
			if at == "" {
				at = path.Join(m.At, "charts", archive.Name+"-"+archive.Version+".tgz")
			}
			files[at] = archive.Data
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		panic(err) // each keeps its error to itself
	}
	return files
}

// outgrown is why a chart that base's tree had is missing, should it stay so.
const outgrown = "base has it, but what base has is not used"

// outgrown are charts that were deployed with another one of the repository, and
// which the change takes to a version that the other does not want yet: what it
// goes on being deployed with is what base has.
func (s *supply) outgrown(missing []render.Missing) map[string][]byte {
	files := map[string][]byte{}
	for i := range missing {
		m := &missing[i]
		data, version, err := render.Pack(s.base, *m)
		if data == nil || err != nil {
			continue // it stays missing, and is said to be
		}
		m.Why = outgrown
		at := path.Join(m.At, "charts", m.Name+"-"+version+".tgz")
		files[at] = data
		s.mu.Lock()
		s.packed[at] = true
		s.mu.Unlock()
	}
	return files
}

// archive fetches one chart, and compares it with base's copy of that version.
func (s *supply) archive(ctx context.Context, source *fetch.Source, m render.Missing) (*fetch.Archive, error) {
	switch {
	case m.At == "":
		return nil, errors.New("the chart that needs it is packed without it")
	case m.Repository == "":
		return nil, errors.New("its chart names no repository for it")
	case strings.HasPrefix(m.Repository, "file://"):
		return nil, fmt.Errorf("%s has no chart that satisfies it", m.Repository)
	case strings.HasPrefix(m.Repository, "@"), strings.HasPrefix(m.Repository, "alias:"):
		return nil, fmt.Errorf("its repository is %s, a name that only the helm of whoever builds it knows: name its URL instead", m.Repository)
	}
	chart := fetch.Chart{Repository: m.Repository, Name: m.Name, Version: m.Version}
	get := source.Get
	if s.asked {
		get = func(_ context.Context, chart fetch.Chart) (*fetch.Archive, error) { return source.Known(chart) }
	}
	archive, err := get(ctx, chart)
	if err != nil {
		return nil, err
	}
	return archive, s.untampered(archive, m)
}

// untampered fails when base vendors the same version with other content.
func (s *supply) untampered(archive *fetch.Archive, m render.Missing) error {
	file := "/charts/" + archive.Name + "-" + archive.Version + ".tgz"
	for _, name := range s.base.Files() {
		if !strings.HasSuffix("/"+name, file) {
			continue
		}
		data, err := fs.ReadFile(s.base, name)
		if err != nil {
			return err
		}
		same, err := render.SameArchive(archive.Data, data)
		if err != nil {
			return fmt.Errorf("base's copy %s cannot be compared: it %w", name, err)
		}
		if !same {
			return fmt.Errorf("what %s serves as %s %s is not what base has in %s: the same version with other content was tampered with", m.Repository, archive.Name, archive.Version, name)
		}
	}
	return nil
}

// keep remembers what a target needed, so that its next render has it at once.
func (s *supply) keep(tree *git.Tree, dir string, missing []render.Missing, files map[string][]byte) {
	one := supplied{files: maps.Clone(files)}
	for name := range files {
		one.charts = append(one.charts, path.Dir(path.Dir(name)))
	}
	for _, m := range missing {
		one.charts = append(one.charts, m.At)
	}
	slices.Sort(one.charts)
	one.charts = slices.Compact(one.charts)
	one.declares = declarations(tree, one.charts)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before[dir] = append(s.before[dir], one)
}

// again is what the target was given the last time that its charts declared the
// same.
func (s *supply) again(tree *git.Tree, dir string) map[string][]byte {
	s.mu.Lock()
	known := slices.Clone(s.before[dir])
	s.mu.Unlock()
	for _, one := range slices.Backward(known) {
		if declarations(tree, one.charts) == one.declares {
			return maps.Clone(one.files)
		}
	}
	return map[string][]byte{}
}

// declarations identifies what some charts say of their dependencies.
func declarations(tree *git.Tree, dirs []string) [sha256.Size]byte {
	hash := sha256.New()
	for _, dir := range dirs {
		for _, name := range []string{"Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock"} {
			data, err := fs.ReadFile(tree, path.Join(dir, name))
			fmt.Fprintf(hash, "%s %s %v %d\n%s\n", dir, name, err == nil, len(data), data)
		}
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// dependencies says what is known of the parts of a target: what is missing at
// head, and what only the change put into the tree.
func (c comparer) dependencies(out *outcome, t *target, siblings chartTargets) {
	h := t.headSide.result
	dir := t.any().Dir
	for _, m := range h.Missing {
		known := t.baseSide.result != nil && slices.ContainsFunc(t.baseSide.result.Missing, m.Same)
		only := t.guessed() && siblings.defaultRenders()
		switch {
		case m.Kind == render.MissingValues && siblings.standsFor(t):
			out.note(t, "%s; its variants were judged: %s", m, siblings.names())
		case m.Kind == render.MissingValues && t.guessed() && c.renders(siblings):
			out.note(t, "%s; other variants of the module were judged", m)
		case m.Kind == render.MissingValues && !known:
			out.cannotTell(t, report.Head, "render", "%s; the change adds or bumps it; %s", m, m.Vendor(dir))
		case t.guessed() && siblings.missedBefore(t, m):
		case !known && !only:
			out.cannotTell(t, report.Head, "render", "%s; the change adds or bumps it; %s", m, m.Vendor(dir))
		case c.requireComplete && !only:
			out.cannotTell(t, report.Head, "render", "%s, and require-complete is set; %s", m, m.Vendor(dir))
		case !known:
			out.note(t, "%s; the rest of the guessed variant was judged", m)
		default:
			out.note(t, "%s", atEitherSide(m, "; the rest of the target was judged"))
		}
	}
	for _, p := range h.Parts {
		if p.Sibling && strings.Contains(p.Repository, "://") && !render.HasChart(c.judge.supply.base, p.Name) {
			out.cannotTell(t, report.Head, "render", "dependency %s %s of chart %s comes from %s, and a chart of that name at %s is new with this change: "+
				"if that one is meant, its repository is file://, else vendor it with: helm dependency build %s", p.Name, p.Version, p.Parent, p.Repository, p.From, dir)
		}
	}
}

// atEitherSide tells of a part that both sides lack, what comes of it, and why it is
// not there.
func atEitherSide(m render.Missing, so string) string {
	why := ""
	if m.Why != "" {
		m.Why, why = "", " ("+m.Why+")"
	}
	return m.String() + " at either side" + so + why
}

// unprovenParts takes back the word new where base was rendered without a part that
// head has: what that part deploys may have been there before.
func (c comparer) unprovenParts(out *outcome, t *target, from int) {
	b, h := t.baseSide.result, t.headSide.result
	for _, m := range b.Missing {
		has := slices.ContainsFunc(h.Parts, func(p render.Part) bool { return p.Parent == m.Parent && p.Name == m.Name })
		if !has {
			continue
		}
		out.cannotTell(t, report.Base, "render", "%s at base and is rendered at head, so nobody can say what of it is new", m)
		for i := range out.findings[from:] {
			s := &out.findings[from+i]
			if o := s.Node.Object(); s.state == report.New && o != nil && unpaired(*s, o) {
				s.state = report.Unproven
			}
		}
	}
}
