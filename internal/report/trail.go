package report

import (
	"fmt"
	"slices"
	"strings"
)

// The roles of a trail's steps: the way of a value to its field, and what else
// of the change has to do with the finding.
const (
	RoleValues   = "values"
	RolePatch    = "patch"
	RoleFile     = "file"
	RoleTemplate = "template"
	RoleCall     = "call"

	RoleSwitch = "switch" // it decides whether the object is there at all
	RoleWith   = "with"   // the cause acts only together with it
	RoleAlso   = "also"   // reverting it alone would do as well
	RoleWaiver = "waiver" // it accepted the finding at base
)

// Way are the steps of a finding's trail on which its value comes to the field,
// from the line that decides it to the one that writes it.
func Way(f Finding) []Step {
	return slices.DeleteFunc(slices.Clone(f.Trail), func(s Step) bool {
		return s.Path == "" || s.Role == RoleSwitch || s.Role == RoleWith || s.Role == RoleAlso || s.Role == RoleWaiver
	})
}

// Proof says in sentences how it is known that the location is the cause; empty
// where nothing was proved. Quote makes a place, which the pull request may
// have named, fit for the sink.
func Proof(f Finding, quote func(string) string) string {
	var with, also, switches []string
	var text []string
	for _, step := range f.Trail {
		at := quote(where(Location{Path: step.Path, Side: step.Side, Line: step.Line}))
		switch step.Role {
		case RoleWith:
			with = append(with, at)
		case RoleAlso:
			also = append(also, at)
		case RoleSwitch:
			switches = append(switches, at)
		case RoleWaiver:
			text = append(text, at+" accepted it at base, and no waiver of head does.")
		}
	}
	if f.Location.How == "counterfactual" {
		text = append(text, fmt.Sprintf("Without %s this finding disappears: head was rendered so.", list(append([]string{quote(changeAt(f.Location))}, with...))))
	}
	if len(switches) > 0 {
		verb := " switches the object on."
		if len(switches) > 1 {
			verb = " switch the object on."
		}
		text = append(text, list(switches)+verb)
	}
	if len(also) > 0 {
		text = append(text, "It also disappears without "+strings.Join(also, ", or without ")+".")
	}
	return strings.Join(text, " ")
}

// changeAt names the part of the change that was taken back.
func changeAt(at Location) string {
	name := at.Path
	switch {
	case at.Level == "file":
		return "the change of " + at.Path
	case at.Line > 0 && at.EndLine > at.Line:
		name = fmt.Sprintf("%s:%d-%d", at.Path, at.Line, at.EndLine)
	case at.Line > 0:
		name = fmt.Sprintf("%s:%d", at.Path, at.Line)
	}
	if at.Side == Base {
		return "the deletion of " + name
	}
	if at.Level == "hunk" && at.EndLine == at.Line {
		return "what changes around " + name
	}
	return name
}

// Origin tells in one sentence how the value came to the field, empty where
// that is not known, or is the place of the finding itself.
func Origin(f Finding, quote func(string) string) string {
	text := ""
	way := Way(f)
	if len(way) == 1 && here(f, way[0]) {
		return ""
	}
	for _, step := range way {
		at := quote(fmt.Sprintf("%s:%d", step.Path, step.Line))
		switch {
		case step.Role == RoleValues && step.What == "":
			text = at + " sets it"
		case step.Role == RoleValues:
			text = at + " sets " + quote(strings.TrimPrefix(step.What, "sets "))
		case step.Role == RoleTemplate && strings.Contains(text, " sets "):
			text += ", and " + at + " writes it"
		case step.Role == RoleTemplate && text != "":
			text += " what " + at + " writes"
		case step.Role == RoleTemplate:
			text = at + " writes it"
		case step.Role == RoleCall && text == "":
			text = at + " includes"
		case step.Role == RolePatch:
			text = at + " patches it"
		}
	}
	if text == "" {
		return ""
	}
	return text + "."
}

// here says that a step tells no more than where the finding is.
func here(f Finding, s Step) bool {
	return (s.Role == RoleTemplate || s.Role == RoleFile) && s.Side == f.Location.Side && s.Path == f.Location.Path && s.Line == f.Location.Line
}

func list(names []string) string {
	switch len(names) {
	case 1:
		return names[0]
	case 2:
		return names[0] + " and " + names[1]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
