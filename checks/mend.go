package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// sets is a Mend that gives the finding's own place a value.
func sets(value string) func(Finding, []*manifest.Object) []manifest.Edit {
	return func(f Finding, _ []*manifest.Object) []manifest.Edit {
		return []manifest.Edit{manifest.SetTo(f.Node, value)}
	}
}

// containerOf is the container that a finding is about.
func containerOf(f Finding) (manifest.Container, bool) {
	if o := f.Node.Object(); o != nil {
		for c := range o.Containers() {
			if c.Subject().Container == f.Subject.Container {
				return c, true
			}
		}
	}
	return manifest.Container{}, false
}

// dropsCapability takes the capability that a finding names out of the list,
// and the list with it that would be empty.
func dropsCapability(f Finding, _ []*manifest.Object) []manifest.Edit {
	c, ok := containerOf(f)
	if !ok {
		return nil
	}
	var edits []manifest.Edit
	list := c.Get("securityContext", "capabilities", "add")
	for item := range list.Items() {
		if capability(item) == f.Subject.Class {
			edits = append(edits, manifest.Remove(item))
		}
	}
	if len(edits) == list.Len() {
		return []manifest.Edit{manifest.Remove(list)}
	}
	return edits
}

// Mended are the edits of the rendered object that make a finding go away;
// none where only a person can say. all are the objects of its target.
func Mended(f Finding, all []*manifest.Object) []manifest.Edit {
	if f.Check.Mend == nil || f.Node.Object() == nil {
		return nil
	}
	return f.Check.Mend(f, all)
}

// Refused tells what of an object the API server or the kubelet would refuse,
// although each field alone is fine: an edit must not bring such a thing in.
func Refused(o *manifest.Object) []string {
	var all []string
	for c := range o.Containers() {
		own := c.Get("securityContext")
		powerful := own.Get("privileged").IsTrue()
		for item := range own.Get("capabilities", "add").Items() {
			powerful = powerful || capability(item) == "SYS_ADMIN"
		}
		if powerful && own.Get("allowPrivilegeEscalation").IsFalse() {
			all = append(all, c.Subject().Container+": allowPrivilegeEscalation may not be false where the container is privileged or has SYS_ADMIN")
		}
		if id, ok := c.Effective("runAsUser").Int(); ok && id == 0 && c.Effective("runAsNonRoot").IsTrue() {
			all = append(all, c.Subject().Container+": runAsNonRoot and runAsUser 0 exclude each other")
		}
	}
	return all
}

// otherNamespace is the one namespace that the other objects of a target name;
// empty where there is none, or a choice.
func otherNamespace(all []*manifest.Object) string {
	found := ""
	for _, o := range all {
		name := o.Namespace
		if o.GroupKind() == "Namespace" {
			name = o.Name
		}
		if name == "" || name == "default" || name == found || strings.HasPrefix(name, "kube-") {
			continue
		}
		if found != "" {
			return ""
		}
		found = name
	}
	return found
}
