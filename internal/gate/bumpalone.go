package gate

import (
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
)

// weaknessIn tells the findings of a target apart, in whatever tree.
func weaknessIn(t *target, f checks.Finding) string {
	return strings.Join([]string{t.id, f.Check.ID, f.Object.APIVersion, f.Object.String(), f.Subject.String()}, "\x00")
}

// alone are the files that a bump changes, to be laid over base: what is
// vendored, the locks, and the lines on which nothing but the version is another
// one. rest says that the change touches other inputs of the target as well.
func (b *bump) alone(change *git.Change, inputs map[string]bool) (files map[string][]byte, rest bool) {
	files = map[string][]byte{}
	for _, f := range change.Files {
		switch {
		case !inputs[f.OldPath] && !inputs[f.NewPath]:
		case b.vendors(f.OldPath) || b.vendors(f.NewPath):
			rest = !b.whole(change, f, files) || rest
		case b.locks(f.Path()):
			rest = !b.whole(change, f, files) || rest
			b.placedIn(f)
		case f.OldPath != "" && f.OldPath == f.NewPath && !f.Binary:
			rest = !b.lines(change, f, files) || rest
		default:
			rest = true
		}
	}
	b.settle(change)
	return files, rest
}

// whole takes a file as it is at head.
func (b *bump) whole(change *git.Change, f git.FileDiff, files map[string][]byte) bool {
	if f.OldPath != "" && f.OldPath != f.NewPath {
		files[f.OldPath] = nil
	}
	if f.NewPath == "" {
		return true
	}
	data, err := fs.ReadFile(change.Head, f.NewPath)
	if err != nil {
		return false
	}
	files[f.NewPath] = data
	return true
}

// vendors says that a file is a copy of the dependency, in either version, or of
// a part of it.
func (b *bump) vendors(name string) bool {
	if name == "" {
		return false
	}
	return slices.ContainsFunc([]render.Part{b.was, b.now}, func(p render.Part) bool {
		if p.From == "" || p.Kind == render.MissingBase {
			return false
		}
		return inFolder(name, p.From) || name == p.From+".prov"
	})
}

// locks says that a file is the lock of the chart that has the dependency.
func (b *bump) locks(name string) bool {
	base := path.Base(name)
	return b.now.Kind == render.MissingDependency && (base == "Chart.lock" || base == "requirements.lock")
}

// lines takes the lines of a file on which only the version is another one, and
// says whether these are all.
func (b *bump) lines(change *git.Change, f git.FileDiff, files map[string][]byte) (all bool) {
	before, err := fs.ReadFile(change.Base, f.OldPath)
	if err != nil {
		return false
	}
	now, err := fs.ReadFile(change.Head, f.NewPath)
	if err != nil {
		return false
	}
	old, fresh := strings.SplitAfter(string(before), "\n"), strings.SplitAfter(string(now), "\n")
	taken := 0
	all = true
	for _, h := range f.Hunks {
		all = all && h.OldLines == h.NewLines
		from := 0
		for i := h.OldStart - 1; i < h.OldStart-1+h.OldLines && i < len(old); i++ {
			at := slices.IndexFunc(fresh[min(h.NewStart-1+from, len(fresh)):min(h.NewStart-1+h.NewLines, len(fresh))], func(line string) bool { return b.moves(old[i], line) })
			if at < 0 {
				all = false
				continue
			}
			from += at
			old[i] = fresh[h.NewStart-1+from]
			b.places = append(b.places, report.Location{
				Path: f.NewPath, Side: report.Head, Line: h.NewStart + from, EndLine: h.NewStart + from, InDiff: true, How: "traced", Level: "line",
			})
			taken++
			from++
		}
	}
	if taken > 0 {
		files[f.NewPath] = []byte(strings.Join(old, ""))
	}
	return all
}

// moves says that two lines differ in the version, and in their comments, alone.
func (b *bump) moves(old, now string) bool {
	old, now = uncommented(old), uncommented(now)
	for _, pair := range [][2]string{{b.was.Version, b.now.Version}, {b.was.Wanted, b.now.Wanted}, {versionOf(b.was), versionOf(b.now)}} {
		if pair[0] != pair[1] && isVersion(pair[0]) && isVersion(pair[1]) && strings.Contains(old, pair[0]) && strings.ReplaceAll(old, pair[0], pair[1]) == now {
			return true
		}
	}
	return false
}

func uncommented(line string) string {
	text, _, _ := strings.Cut(line, " #")
	return strings.TrimRight(text, " \t\r\n")
}

// isVersion says that a text stands for nothing else: whoever names a branch true
// must not have a switch taken for its version.
func isVersion(text string) bool {
	return dotted.MatchString(text) || hexadecimal.MatchString(text)
}

var (
	dotted      = regexp.MustCompile(`\d+\.[\dxX*]|^v\d+$`)
	hexadecimal = regexp.MustCompile(`^(sha256:)?[0-9a-f]{12,64}$`)
)

// placedIn notes the lines of a lock that name the new version.
func (b *bump) placedIn(f git.FileDiff) {
	b.places = append(b.places, report.Location{Path: f.Path(), Side: report.Head, How: "traced", Level: "file"})
}

// settle puts the line that people edit first, and falls back on what is vendored.
func (b *bump) settle(change *git.Change) {
	if len(b.places) == 0 {
		for _, f := range change.Files {
			if b.vendors(f.NewPath) {
				b.places = append(b.places, report.Location{Path: f.NewPath, Side: report.Head, How: "traced", Level: "file"})
				break
			}
		}
	}
	slices.SortStableFunc(b.places, func(x, y report.Location) int {
		order := func(at report.Location) int {
			switch {
			case at.Line == 0:
				return 2
			case b.locks(at.Path):
				return 1
			}
			return 0
		}
		return cmp.Compare(order(x), order(y))
	})
}
