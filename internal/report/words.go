package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Where is a place as terminals and people know it: path:line.
func Where(at Location) string { return where(at) }

// where is a place as terminals and people know it: path:line.
func where(at Location) string {
	text := at.Path
	if at.Line > 0 {
		text += ":" + strconv.Itoa(at.Line)
	}
	switch {
	case at.Side == Base && at.InDiff:
		text += " (deleted)"
	case at.Side == Base:
		text += " (at base)"
	}
	return text
}

// What names the object of a finding, and the field in it.
func What(f Finding) string { return what(f) }

// what names the object of a finding, and the field in it.
func what(f Finding) string {
	name := f.Object.Kind + "/" + f.Object.Name
	if f.Object.Namespace != "" {
		name = f.Object.Kind + "/" + f.Object.Namespace + "/" + f.Object.Name
	}
	if f.Field != "" {
		name += " " + f.Field
	}
	return name
}

// In names the targets of a finding, quoted, and after so many others only how
// many there are.
func In(f Finding, most int, quote func(string) string) string {
	others := f.Targets[min(1, len(f.Targets)):]
	text := quote(f.Target)
	if len(others) == 0 {
		return text
	}
	var names []string
	for _, target := range others[:min(most, len(others))] {
		names = append(names, quote(target))
	}
	text += ", also in: " + strings.Join(names, ", ")
	if rest := len(others) - len(names); rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}

// Alike puts findings of one check together that are about one field and stand at
// one place, such as the vulnerabilities of an image, in the order of the first of
// each: what tells them apart is only their subject.
func Alike(findings []Finding) [][]Finding {
	type same struct {
		check, severity, field, target string
		state                          State
		blocks                         bool
		object                         Object
		at                             Location
	}
	var groups [][]Finding
	index := map[same]int{}
	for _, f := range findings {
		key := same{f.Check, f.Severity, f.Field, f.Target, f.State, f.Blocks, f.Object, f.Location}
		at, known := index[key]
		if known && f.Field != "" && f.Suggestion == nil && subject(f) != "" {
			groups[at] = append(groups[at], f)
			continue
		}
		index[key] = len(groups)
		groups = append(groups, []Finding{f})
	}
	return groups
}

// subject is what of a container, or of an object, a finding is about.
func subject(f Finding) string {
	if _, class, found := strings.Cut(f.Subject, "] "); found {
		return class
	}
	if strings.HasSuffix(f.Subject, "]") {
		return ""
	}
	return f.Subject
}

// mostNamed bounds the findings that are told by their subject alone.
const mostNamed = 20

// others names the findings of a group behind the first; empty where there are none.
func others(group []Finding, quote func(string) string) string {
	if len(group) < 2 {
		return ""
	}
	var names []string
	for _, f := range group[1:min(len(group), mostNamed+1)] {
		names = append(names, quote(subject(f)))
	}
	text := fmt.Sprintf("and %d more: %s", len(group)-1, strings.Join(names, ", "))
	if rest := len(group) - 1 - mostNamed; rest > 0 {
		text += fmt.Sprintf(" and %s", count(rest, "other"))
	}
	return text
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Name is what a report calls its run, as Markdown: with its category, where
// another one of the same commit may stand beside it.
func Name(r *Report) string {
	if r.Category == "" || r.Category == DefaultCategory {
		return DefaultCategory
	}
	return DefaultCategory + " (" + Escaped(clip(strings.TrimPrefix(r.Category, DefaultCategory+"/"), 100)) + ")"
}

// Headline says what was decided, in a sentence.
func Headline(r *Report) string { return headline(r, Visible) }

// headline says it with the names of environments quoted. What could not be looked
// at is in it whatever was decided: nobody may take that for nothing found.
func headline(r *Report, quote func(string) string) string {
	blind := count(len(r.Undecided), "place") + " could not be looked at"
	switch text := found(r, quote); {
	case r.Verdict == Unknown && text != nothingNew:
		return fmt.Sprintf("Undecided: %s could not be looked at, and nobody can say what is new there; elsewhere %s", count(len(r.Open()), "place"), text)
	case r.Verdict == Unknown:
		return fmt.Sprintf("Undecided: %s could not be looked at, and nobody can say what is new there", count(len(r.Open()), "place"))
	case len(r.Undecided) == 0:
		return text
	case text == nothingNew:
		return "Nothing new in what could be looked at; " + blind
	default:
		return text + "; " + blind
	}
}

const nothingNew = "Nothing new"

// found says what is new, and whether that blocks.
func found(r *Report, quote func(string) string) string {
	blocking := blockers(r)
	text := ""
	switch {
	case r.Scan:
		return fmt.Sprintf("%s in this tree", count(len(listed(r)), "finding"))
	case r.Verdict == Fail && len(blocking) == 0:
		return "This change is blocked by findings that are not shown here: the log of the run has them"
	case r.Verdict == Fail:
		return fmt.Sprintf("This change is blocked: %s at or above %s", count(len(blocking), "new finding"), quote(threshold(r, blocking))) + untold(r)
	case r.Summary.New > 0:
		text = fmt.Sprintf("%s, none at or above %s", count(r.Summary.New, "new finding"), quote(threshold(r, shown(r, New)))) + untold(r)
	case r.Untold > 0:
		text = fmt.Sprintf("%s not shown here, which the log of the run has", count(r.Untold, "new finding"))
	default:
		return nothingNew
	}
	if r.Verdict == Unknown {
		return text
	}
	return "Nothing blocks: " + text
}

// untold says that more is new than what is counted.
func untold(r *Report) string {
	if r.Untold == 0 {
		return ""
	}
	return fmt.Sprintf("; %d more not shown here, which the log of the run has", r.Untold)
}

// threshold names what findings are held against: fail-on, of each environment
// that they are in.
func threshold(r *Report, findings []Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, cmp.Or(f.Threshold, r.FailOn))
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > 0 {
		return strings.Join(all, " or ")
	}
	return r.FailOn
}

func blockers(r *Report) []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return !f.Blocks || f.Suppressed != nil })
}

// shown are the findings of a state that nobody suppressed, those that block
// first.
func shown(r *Report, state State) []Finding {
	return slices.DeleteFunc(listed(r), func(f Finding) bool { return f.State != state })
}

// listed are the findings that nobody suppressed, those that block first. One
// tree shows them all, whatever their state: --why tells of a new one as if it
// were a tree.
func listed(r *Report) []Finding {
	all := slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Suppressed != nil })
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(first(a), first(b)) })
	return all
}

// first orders findings by how much a reader needs them: what blocks, then
// what is new.
func first(f Finding) int {
	switch {
	case f.Blocks:
		return 0
	case f.State == New:
		return 1
	}
	return 2
}

// plain is a path that a shell takes as it is.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./][A-Za-z0-9_./@+-]*$`)

// who says what suppresses a finding, where it is written, and who approved it.
func (s *Suppressed) who() string {
	text := s.By
	if s.Kind != "" {
		text = s.Kind + " " + s.By
	}
	if s.Path != "" {
		text += " at " + where(Location{Path: s.Path, Line: s.Line})
	}
	if s.Expires != "" {
		text += " until " + s.Expires
	}
	if s.Approver != "" {
		text += ", approved by " + s.Approver
	}
	return text
}

// why is the reason of a suppression; some notations of other tools have none.
func (s *Suppressed) why() string { return cmp.Or(s.Reason, "no reason given") }

// look is the command that shows what could not be rendered, or empty. A path
// that would need quoting gets none: whoever copies the line must not run what
// a pull request put into it.
func (r *Report) look(u Undecided) string {
	revision := r.Head
	if u.Side == Base {
		revision = r.Base
	}
	for _, t := range r.Targets {
		if t.ID == u.Target && u.Stage == "render" && revision != "" && plain.MatchString(t.Path) {
			return fmt.Sprintf("rendergate render --rev %s %s", revision, t.Path)
		}
	}
	return ""
}

// coverage says what was looked at, and what was not.
func coverage(r *Report) string {
	states := map[string]int{}
	looked := 0
	for _, t := range r.Targets {
		if !t.Affected {
			continue
		}
		looked++
		state := t.Head
		if state == Absent {
			state = "deleted"
		}
		states[state]++
	}
	var parts []string
	for _, state := range []string{Rendered, Partial, Failed, "deleted"} {
		if states[state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", states[state], state))
		}
	}
	text := fmt.Sprintf("looked at %d of %s", looked, count(len(r.Targets), "target"))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if rest := len(r.Targets) - looked; rest > 0 {
		text += fmt.Sprintf("; %d that the change does not reach", rest)
	}
	return text
}

// before tells what else is known and blocks nothing.
func before(r *Report) string {
	var parts []string
	for _, c := range []struct {
		n    int
		text string
	}{
		{r.Summary.Kept, "there already"}, {r.Summary.Moved, "moved"}, {r.Summary.Fixed, "fixed"}, {r.Summary.Suppressed, "suppressed"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.text))
		}
	}
	return strings.Join(parts, ", ")
}

func (r *Report) rule(id string) Rule {
	for _, rule := range r.Rules {
		if rule.ID == id {
			return rule
		}
	}
	return Rule{ID: id, Title: id}
}
