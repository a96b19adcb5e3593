package gate

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/internal/report"
)

// merging makes one finding of what shows in several targets.
type merging struct {
	findings []report.Finding
	targets  []*target        // of each finding, the one that had it first
	index    map[string]int   // by what a finding is
	alone    map[string][]int // by where it is and what it says, whatever the object is called
}

func (m *merging) add(p placed, f report.Finding) {
	where := strings.Join([]string{string(f.State), f.Check, f.Object.APIVersion, f.Object.Kind, f.Subject, f.Location.Path,
		f.Location.Side, strconv.Itoa(f.Location.Line), f.Field}, "\x00")
	once := where + "\x00" + f.Object.String()
	at, seen := m.index[once]
	if !seen {
		at, seen = m.standing(p, f, m.alone[where])
	}
	if seen && !slices.Contains(m.findings[at].Targets, f.Target) {
		m.findings[at].Targets = append(m.findings[at].Targets, f.Target)
		return
	}
	m.index[once] = len(m.findings)
	m.alone[where] = append(m.alone[where], len(m.findings))
	m.findings = append(m.findings, f)
	m.targets = append(m.targets, p.target)
}

// standing finds what a release's finding is in the chart, overlay or folder
// that the release deploys, as that shows it by itself: under another release's
// name, and in no namespace.
func (m *merging) standing(p placed, f report.Finding, same []int) (int, bool) {
	same = slices.DeleteFunc(slices.Clone(same), func(i int) bool { return !deploys(p.target, m.targets[i]) })
	if len(same) == 1 && f.Location.Line > 0 {
		return same[0], true
	}
	for _, i := range same {
		if o := m.findings[i].Object; o.Name == f.Object.Name && (o.Namespace == "" || o.Namespace == f.Object.Namespace) {
			return i, true
		}
	}
	return 0, false
}

// deploys says that a release is made of another target.
func deploys(release, alone *target) bool {
	if release.any().Declared == nil || alone.any().Declared != nil {
		return false
	}
	return slices.ContainsFunc(release.any().Declared.Reads, func(dir string) bool { return inFolder(alone.any().Dir, path.Clean(dir)) })
}
