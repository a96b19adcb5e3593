// Package waive reads what silences findings, in every form that it is written
// in, and says which finding each of them is about. Whether it counts is not
// decided here: that depends on what base has.
package waive

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
)

// Kind is the form of a waiver.
type Kind string

// The forms.
const (
	InFile       Kind = "file"       // an entry of the waiver file
	InComment    Kind = "comment"    // a comment in a source
	InAnnotation Kind = "annotation" // an annotation of the object or its pod template
)

// Place says where a finding's target is known by, for waivers that are narrowed
// to some.
type Place struct {
	Targets      []string // the id and the folder
	Environments []string
}

// Covers says that an entry of a waiver file is about a finding, be it expired
// or not.
func Covers(w config.Waiver, f checks.Finding, at Place) bool {
	return Are([]string{w.Check}, f.Check) && Matches(w, f, at)
}

// Matches is Covers whatever the check.
func Matches(w config.Waiver, f checks.Finding, at Place) bool {
	return OfObject(w.Object, f.Object.Kind, f.Object.Namespace, f.Object.Name) && ofContainer(w.Container, f.Subject.Container) &&
		ofClass(w.Subject, f.Subject.Class) && among(w.Target, at.Targets) && among(w.Environment, at.Environments)
}

// OfTarget says that an entry may be about what a target deploys.
func OfTarget(w config.Waiver, at Place) bool {
	return among(w.Target, at.Targets) && among(w.Environment, at.Environments)
}

// OfObject says that the pattern Kind/namespace/name, or Kind/name, is of an
// object.
func OfObject(pattern, kind, namespace, name string) bool {
	parts := strings.Split(pattern, "/")
	switch len(parts) {
	case 2:
		return glob(parts[0], kind) && glob(parts[1], name)
	case 3:
		return glob(parts[0], kind) && glob(parts[1], namespace) && glob(parts[2], name)
	}
	return pattern == ""
}

// ofContainer says that the pattern is of a subject such as containers[app].
func ofContainer(pattern, subject string) bool {
	if pattern == "" {
		return true
	}
	_, rest, found := strings.Cut(subject, "[")
	return found && glob(pattern, strings.TrimSuffix(rest, "]"))
}

// ofClass says that the pattern is of what a finding is about, or of its first
// word: a vulnerability in whatever package.
func ofClass(pattern, class string) bool {
	first, _, _ := strings.Cut(class, " ")
	return pattern == "" || pattern == class || pattern == first || glob(pattern, class) || glob(pattern, first)
}

func among(pattern string, texts []string) bool {
	return pattern == "" || slices.ContainsFunc(texts, func(text string) bool {
		return text == pattern || glob(strings.TrimSuffix(pattern, "/"), text)
	})
}

func glob(pattern, text string) bool { return doublestar.MatchUnvalidated(pattern, text) }

// maxReason bounds what a report shows of a reason.
const maxReason = 500

// reason is a text on one line, cut where nobody reads on.
func reason(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxReason {
		return string(runes[:maxReason]) + "…"
	}
	return text
}

// Reason is the entry's own, as reports show it.
func Reason(w config.Waiver) string { return reason(w.Reason) }

// Are says that some names are of a check: ids, or what other tools call it. A
// team's own policy goes by its name alone.
func Are(names []string, check *checks.Check) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return name == check.ID || slices.Contains(checks.Named(checks.All, name), check)
	})
}

// Unknown are the names that no check has.
func Unknown(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return len(checks.Named(checks.All, name)) > 0 })
}
