package checks

import (
	"iter"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// rbacGroup is the API group of roles and bindings.
const rbacGroup = "rbac.authorization.k8s.io"

// grant is one combination that a role's rule allows. The core group is called
// core, so that a class is readable.
type grant struct {
	group, resource, verb string
	names                 []string // resourceNames; empty means all
	at                    manifest.Node
	beside                [2]manifest.Node // the group and the verb
}

// grants are all combinations of a role's rules, in their order.
func grants(o *manifest.Object) iter.Seq[grant] {
	return func(yield func(grant) bool) {
		if o.Group() != rbacGroup || o.Kind != "Role" && o.Kind != "ClusterRole" {
			return
		}
		for rule := range o.Root.Get("rules").Items() {
			var names []string
			for name := range rule.Get("resourceNames").Items() {
				names = append(names, name.Text())
			}
			for group := range itemsOrUnknown(rule.Get("apiGroups")) {
				for resource := range itemsOrUnknown(rule.Get("resources")) {
					for verb := range itemsOrUnknown(rule.Get("verbs")) {
						at := firstUnknown(resource, group, verb, rule.Get("resourceNames"))
						g := grant{groupName(group.Text()), strings.ToLower(resource.Text()), strings.ToLower(verb.Text()), names, at, [2]manifest.Node{group, verb}}
						if at.Unknown() {
							g = g.anything(group, resource, verb)
						}
						if !yield(g) {
							return
						}
					}
				}
			}
		}
	}
}

// anything is the grant where what nobody knows may be anything.
func (g grant) anything(group, resource, verb manifest.Node) grant {
	if group.Unknown() {
		g.group = "*"
	}
	if resource.Unknown() {
		g.resource = "*"
	}
	if verb.Unknown() {
		g.verb = "*"
	}
	return g
}

// itemsOrUnknown are the items of a list; an unknown one stands for any.
func itemsOrUnknown(list manifest.Node) iter.Seq[manifest.Node] {
	if list.Unknown() {
		return slices.Values([]manifest.Node{list})
	}
	return list.Items()
}

func groupName(group string) string {
	if group == "" {
		return "core"
	}
	return strings.ToLower(group)
}

// power is something that a role had better not allow: verbs on a resource.
type power struct {
	group, resource string
	verbs           []string
	// named says that a wildcard in the place of the resource counts only when
	// the verbs are a wildcard too: the wildcard itself is rbac-wildcard's.
	named bool
}

// has says that a grant includes the power.
func (g grant) has(p power) bool {
	if g.group != "*" && g.group != p.group || g.verb != "*" && !slices.Contains(p.verbs, g.verb) {
		return false
	}
	if g.resource == p.resource {
		return true
	}
	if p.named && g.resource == "*" && g.verb != "*" {
		return false
	}
	return matchesResource(g.resource, p.resource)
}

// matchesResource reads wildcards as the RBAC authorizer does: "*" is
// everything, "*/scale" a subresource of everything. "pods/*" is expected too,
// although the authorizer gives it no meaning, because its author did.
func matchesResource(pattern, resource string) bool {
	if pattern == "*" || pattern == resource {
		return true
	}
	parent, sub, _ := strings.Cut(pattern, "/")
	wantParent, wantSub, hasSub := strings.Cut(resource, "/")
	return hasSub && (parent == "*" && sub == wantSub || sub == "*" && parent == wantParent)
}

// held collects what a role allows by resource, so that splitting or ordering
// rules differently changes nothing.
type held struct {
	order  []string
	verbs  map[string][]string
	at     map[string]manifest.Node
	beside map[string][]manifest.Node
}

func (h *held) add(g grant) {
	if h.verbs == nil {
		h.verbs, h.at, h.beside = map[string][]string{}, map[string]manifest.Node{}, map[string][]manifest.Node{}
	}
	key := g.group + "/" + g.resource
	if h.verbs[key] == nil {
		h.order = append(h.order, key)
	}
	if h.verbs[key] == nil || h.at[key].Unknown() {
		h.at[key] = g.at // what is known is said first
	}
	h.beside[key] = append(h.beside[key], g.beside[:]...)
	if !slices.Contains(h.verbs[key], g.verb) {
		h.verbs[key] = append(h.verbs[key], g.verb)
	}
}

// report reports one finding a resource, its class being group/resource:verbs.
func (h *held) report(p *Pass, why string) {
	for _, key := range h.order {
		verbs := slices.Sorted(slices.Values(h.verbs[key]))
		list := strings.Join(verbs, ",")
		p.ReportBeside(h.beside[key], h.at[key], manifest.Subject{Class: key + ":" + list}, "%s %q may %s %s%s", p.Object.Kind, p.Object.Name,
			strings.Join(verbs, ", "), strings.TrimPrefix(key, "core/"), why)
	}
}

// reportPowers reports the powers that a role allows.
func reportPowers(powers []power, why string) func(*Pass) {
	return func(p *Pass) {
		var h held
		for g := range grants(p.Object) {
			if slices.ContainsFunc(powers, g.has) {
				h.add(g)
			}
		}
		h.report(p, why)
	}
}

// coversGrant says that base allowed all that a class of head allows, by the
// same names or by wildcards.
func coversGrant(base []string, head string) bool {
	key, verbs, _ := cutLast(head, ":")
	group, resource, _ := strings.Cut(key, "/")
	for verb := range strings.SplitSeq(verbs, ",") {
		covered := slices.ContainsFunc(base, func(class string) bool {
			baseKey, baseVerbs, _ := cutLast(class, ":")
			baseGroup, baseResource, _ := strings.Cut(baseKey, "/")
			allowed := strings.Split(baseVerbs, ",")
			return (baseGroup == "*" || baseGroup == group) && (baseResource == resource || matchesResource(baseResource, resource)) &&
				(slices.Contains(allowed, "*") || slices.Contains(allowed, verb))
		})
		if !covered {
			return false
		}
	}
	return true
}

func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

var writing = []string{"create", "update", "patch"}
