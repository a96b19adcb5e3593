package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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

// what names the object, and the container in it, of a finding.
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

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// headline says what was decided, in a sentence.
func headline(r *Report) string {
	blocking := len(blockers(r))
	switch {
	case r.Scan:
		return fmt.Sprintf("%s in this tree", count(len(shown(r, Kept)), "finding"))
	case r.Verdict == Fail:
		return fmt.Sprintf("This change is blocked: %s at or above %s", count(blocking, "new finding"), r.FailOn)
	case r.Verdict == Unknown:
		return fmt.Sprintf("Undecided: rendergate could not look at everything (%s), so it does not say that nothing is new", count(len(r.Undecided), "place"))
	case r.Summary.New > 0:
		return fmt.Sprintf("Nothing blocks: %s, none at or above %s", count(r.Summary.New, "new finding"), r.FailOn)
	}
	return "Nothing new"
}

func blockers(r *Report) []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return !f.Blocks || f.Suppressed != nil })
}

// shown are the findings of a state that nobody suppressed.
func shown(r *Report, state State) []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.State != state || f.Suppressed != nil })
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
