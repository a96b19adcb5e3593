package waive

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// Annotation is an annotation of an object, or of its pod template, that
// silences checks for the object.
type Annotation struct {
	Key    string
	Names  []string // of checks
	Reason string   // empty where none is given
	Node   manifest.Node
	Own    bool // rendergate's own, which must give a reason
}

// ownAnnotation is what rendergate's annotations begin with; a check's id and a
// reason follow.
const ownAnnotation = "rendergate.dev/ignore."

// maxAnnotations bounds what is read of one object.
const maxAnnotations = 1000

// Annotations reads those of an object.
func Annotations(o *manifest.Object) []Annotation {
	all := annotationsOf(o.Root)
	if pod, ok := o.Pod(); ok && o.GroupKind() != "Pod" {
		all = append(all, annotationsOf(pod.Node)...)
	}
	return all
}

func annotationsOf(n manifest.Node) []Annotation {
	var all []Annotation
	seen := 0
	for key, value := range n.Get("metadata", "annotations").Fields() {
		if seen++; seen > maxAnnotations {
			break
		}
		if a, ok := ReadAnnotation(key, value.Text()); ok {
			a.Node = value
			all = append(all, a)
		}
	}
	return all
}

// ReadAnnotation reads one key and its value; false where they silence nothing.
func ReadAnnotation(key, value string) (Annotation, bool) {
	a := Annotation{Key: key}
	if id, is := strings.CutPrefix(key, ownAnnotation); is {
		a.Names, a.Reason, a.Own = []string{id}, reason(value), true
		return a, id != ""
	}
	if name, is := strings.CutPrefix(key, "ignore-check.kube-linter.io/"); is {
		a.Names, a.Reason = []string{name}, reason(value)
		return a, name != ""
	}
	domain, name, _ := strings.Cut(key, "/")
	switch {
	case key == "kube-linter.io/ignore-all":
		a.Names, a.Reason = kubeLinter, reason(value)
		return a, true
	case key == "kube-score/ignore":
		for _, test := range strings.Split(value, ",") {
			a.Names = append(a.Names, kubeScore[strings.TrimSpace(test)]...)
		}
		return a, len(a.Names) > 0
	case slices.Contains([]string{"checkov.io", "bridgecrew.io", "cortex.io"}, domain) && strings.HasPrefix(name, "skip"):
		ids, why, _ := strings.Cut(value, "=")
		a.Names, a.Reason = listed(strings.Split(ids, ",")), reason(why)
		return a, len(a.Names) > 0
	}
	return a, false
}

// About says that the annotation is about a check.
func (a Annotation) About(check *checks.Check) bool { return Are(a.Names, check) }
