package gate

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
)

// merger puts what shows in several targets into one finding. Across targets
// it must be the same object at the same place. Variants of one chart differ
// in little more than their values, so among them one of the two is enough,
// unless two lines of the change each cause it: then both must be told.
type merger struct {
	merged []report.Finding
	from   []placed         // the finding that each merged one began with
	index  map[string][]int // by what they must have in common
	about  map[string][]int // by that without what tells findings of one place apart
}

func (m *merger) add(p placed, f report.Finding) {
	common := strings.Join([]string{string(f.State), f.Check, f.Object.APIVersion, f.Object.Kind, f.Subject, f.Field, p.by.place()}, "\\x00")
	best := -1
	for _, at := range m.index[common] {
		known := m.merged[at]
		if slices.Contains(known.Targets, f.Target) {
			continue
		}
		exact := known.Object == f.Object && placeOf(known) == placeOf(f)
		if exact || best < 0 && (m.sameInChart(m.from[at], known, p, f) || sameDeployed(m.from[at].target, known, p.target, f)) {
			best = at
		}
		if exact {
			break
		}
	}
	if best >= 0 {
		first := m.from[best].target.fixture() && !p.target.fixture()
		m.merged[best] = join(m.merged[best], f, first)
		if first {
			m.from[best] = p
		}
		return
	}
	if m.addMeant(p, f) {
		return
	}
	m.index[common] = append(m.index[common], len(m.merged))
	m.about[aboutOf(p, f)] = append(m.about[aboutOf(p, f)], len(m.merged))
	m.merged, m.from = append(m.merged, f), append(m.from, p)
}

func aboutOf(p placed, f report.Finding) string {
	return strings.Join([]string{string(f.State), f.Check, f.Object.APIVersion, f.Object.Kind, f.Object.Name, placeOf(f), p.by.place()}, "\x00")
}

// addMeant joins a finding with one that says the same of the same place in other
// words: another overlay has the rule at another index, and a release has more company
// than the folder that it deploys.
func (m *merger) addMeant(p placed, f report.Finding) bool {
	for _, at := range m.about[aboutOf(p, f)] {
		known, release := m.merged[at], p.target.any().Declared != nil
		switch {
		case slices.Contains(known.Targets, f.Target):
			continue
		case known.Object == f.Object && known.Subject == f.Subject:
			release = false
		case !m.meansSame(at, p, f):
			continue
		}
		m.merged[at] = joinMeant(known, f, release)
		if release {
			m.from[at] = p
		}
		return true
	}
	return false
}

// meansSame says that a comparison says one thing twice: of a release, with what is
// deployed with it, and of the folder that the release deploys, by itself.
func (m *merger) meansSame(at int, p placed, f report.Finding) bool {
	a, known := m.from[at], m.merged[at]
	return p.Check.Compare != nil && (sameDeployed(a.target, known, p.target, f) || sameDeployed(p.target, f, a.target, known))
}

// joinMeant joins two findings of which the release's says more.
func joinMeant(known, f report.Finding, release bool) report.Finding {
	if !release {
		return join(known, f, false)
	}
	told := join(f, known, false)
	told.Target, told.Targets = f.Target, append([]string{f.Target}, known.Targets...)
	return told
}

func placeOf(f report.Finding) string {
	return f.Location.Side + ":" + f.Location.Path + ":" + strconv.Itoa(f.Location.Line)
}

// sameInChart says that two findings are one weakness of a chart in two of its
// variants.
func (m *merger) sameInChart(a placed, known report.Finding, b placed, f report.Finding) bool {
	chart := b.target.any()
	if chart.Kind != render.Helm || a.target.any().Dir != chart.Dir || a.Origin.Path != b.Origin.Path {
		return false
	}
	switch {
	case placeOf(known) == placeOf(f):
		return f.Location.InDiff // one line, which makes objects of several names
	case known.Object != f.Object:
		return false
	}
	return !known.Location.InDiff || !f.Location.InDiff
}

// join adds a target to a finding. It is told by the place that says most, and
// named after a target that is deployed rather than a test's.
func join(known, f report.Finding, first bool) report.Finding {
	targets := append(slices.Clone(known.Targets), f.Target)
	if first {
		targets = append([]string{f.Target}, known.Targets...)
		known.Target, known.Object = f.Target, f.Object
	}
	if f.Location.InDiff && !known.Location.InDiff {
		known.Location, known.Trail, known.Owners, known.Excerpt = f.Location, f.Trail, f.Owners, f.Excerpt
	}
	known.BroughtBy = cmp.Or(known.BroughtBy, f.BroughtBy)
	if known.Suggestion == nil {
		known.Suggestion = f.Suggestion
	}
	if rank(f.Severity) > rank(known.Severity) {
		known.Severity = f.Severity
	}
	if f.Blocks && !known.Blocks {
		known.Blocks, known.Threshold = true, f.Threshold
	}
	known.Targets = targets
	return known
}

// sameDeployed says that a release's finding is that of the chart, overlay or
// folder which it deploys, as that shows it by itself: under another release's
// name, and in no namespace.
func sameDeployed(alone *target, known report.Finding, release *target, f report.Finding) bool {
	if release.any().Declared == nil || alone.any().Declared != nil || placeOf(known) != placeOf(f) {
		return false
	}
	if f.Location.Line == 0 && (known.Object.Name != f.Object.Name || known.Object.Namespace != "") {
		return false
	}
	return slices.ContainsFunc(release.any().Declared.Reads, func(dir string) bool { return inFolder(alone.any().Dir, path.Clean(dir)) })
}
