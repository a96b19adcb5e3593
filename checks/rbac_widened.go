package checks

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var rbacWidened = &Check{
	ID:       "rbac-widened",
	Title:    "Somebody is given more rights",
	Severity: Medium,
	Topic:    Hygiene,
	Since:    "0.2.0",
	Why:      "Roles, bindings and aggregation act together, often in several files: what somebody may do now that was not allowed before is easily read over.",
	Fix:      "Give the rights only to the account that needs them, in the one namespace and for the named resources; drop the others.",
	Source:   "Kubernetes documentation, RBAC Good Practices; CIS Kubernetes 5.1",
	Before: webRole + `  - {apiGroups: [""], resources: [configmaps], verbs: [get, list, watch]}
---
` + webBinding + `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: metrics}
rules:
  - {apiGroups: [metrics.k8s.io], resources: [pods], verbs: [get]}
`,
	Bad: webRole + `  - apiGroups: [""]
    resources: [configmaps]
    verbs:
      - get
      - list
      - watch
      - delete # want
---
` + webBinding + `  - kind: ServiceAccount
    name: jobs # want
    namespace: shop
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: metrics}
rules:
  - {apiGroups: [metrics.k8s.io], resources: [pods, nodes], verbs: [get]} # want
`,
	Good: webRole + `  - {apiGroups: [""], resources: [configmaps], resourceNames: [web], verbs: [get]}
---
` + webBinding,
	NearMiss: strings.ReplaceAll(webRole, "name: web,", "name: web-reader,") + `  - {apiGroups: [""], resources: [configmaps], verbs: [get]}
  - {apiGroups: [""], resources: [configmaps], verbs: [watch, list]}
---
` + strings.ReplaceAll(webBinding, "kind: Role\n  name: web", "kind: Role\n  name: web-reader") + `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: unbound}
rules:
  - {apiGroups: [example.com], resources: [things], verbs: ["get"]}
`,
	Compare: func(p *Pass) {
		if !slices.ContainsFunc(p.Together(), isRBAC) {
			return
		}
		w := newWidening(p)
		base, head := infra.AccessOf(slices.Concat(p.Base, p.WithBase)), infra.AccessOf(p.Together())
		base = w.followed(base, head)
		for _, h := range holders(head) {
			w.judge(h, base, head)
		}
		for _, pair := range p.Pairs {
			w.unlisted(pair)
		}
	},
}

const webRole = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: shop}
rules:
`

const webBinding = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: shop}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: web
subjects:
  - {kind: ServiceAccount, name: web, namespace: shop}
`

// widening compares who may do what at both sides.
type widening struct {
	p        *Pass
	partners map[*manifest.Object]*manifest.Object // head's objects to base's
	added    map[*manifest.Object]map[place]bool   // by role: what it did not allow at base
}

func newWidening(p *Pass) widening {
	partners, alike := partnersOf(p.Pairs), map[manifest.Ref]*manifest.Object{}
	for _, o := range p.WithBase {
		alike[o.Identity()] = o
	}
	for _, o := range p.With {
		if before := alike[o.Identity()]; before != nil {
			partners[o] = before
		}
	}
	return widening{p, partners, map[*manifest.Object]map[place]bool{}}
}

func partnersOf(pairs []Pair) map[*manifest.Object]*manifest.Object {
	partners := map[*manifest.Object]*manifest.Object{}
	for _, pair := range pairs {
		if pair.Base != nil && pair.Head != nil {
			partners[pair.Head] = pair.Base
		}
	}
	return partners
}

func isRBAC(o *manifest.Object) bool { return o.Group() == rbacGroup }

// holders are those of an access, in a stable order.
func holders(a infra.Access) []infra.Holder {
	var all []infra.Holder
	for h := range a {
		all = append(all, h)
	}
	slices.SortFunc(all, func(x, y infra.Holder) int { return strings.Compare(x.Text(), y.Text()) })
	return all
}

// judge reports what a holder may newly do, as one finding.
func (w widening) judge(h infra.Holder, base, head infra.Access) {
	if h.Kind == infra.Role || h.Kind == infra.ClusterRole {
		if _, was := base[h]; !was || boundIn(head, h) || w.aggregates(h) {
			return // its holders are here, or in the role that it adds to, or nobody can hold it yet
		}
	}
	beyond := infra.Beyond(base[h], head[h])
	if i := slices.Index(infra.UserRoles, h.Name); h.Kind == infra.ClusterRole && i > 0 {
		below := infra.Holder{Kind: infra.ClusterRole, Name: infra.UserRoles[i-1]}
		beyond = infra.Beyond(infra.Beyond(base[below], head[below]), beyond)
	}
	beyond = slices.DeleteFunc(beyond, func(r infra.Right) bool { return w.told(h, r) })
	if len(beyond) > 0 {
		at := w.at(h, base[h], beyond)
		text, class := listRights(beyond)
		if at.Object() != nil {
			w.p.Report(at, manifest.Subject{Class: h.Text() + ": " + class}, "%s may newly %s", h.Text(), text)
		}
	}
	w.unknown(h, base[h], head[h])
}

// aggregates says that a role is a part of those for users. Into which others it is
// aggregated elsewhere nobody can tell here.
func (w widening) aggregates(role infra.Holder) bool {
	return role.Kind == infra.ClusterRole && slices.ContainsFunc(w.p.Objects, func(o *manifest.Object) bool {
		return o.Group() == rbacGroup && o.Kind == role.Kind && o.Name == role.Name && slices.ContainsFunc(infra.UserRoles, func(user string) bool {
			return o.Root.Get("metadata", "labels", rbacGroup+"/aggregate-to-"+user).Text() == "true"
		})
	})
}

// boundIn says that somebody of the target holds a role.
func boundIn(a infra.Access, role infra.Holder) bool {
	for h, rights := range a {
		if h.Kind != infra.Role && h.Kind != infra.ClusterRole && !slices.Contains(infra.UserRoles, role.Name) && slices.ContainsFunc(rights, func(r infra.Right) bool {
			return r.Role.Kind == role.Kind && r.Role.Namespace == role.Namespace && r.Role.Name == role.Name
		}) {
			return true
		}
	}
	return false
}

// unknown reports rights that nobody here can name: through a role that stands
// elsewhere and that base did not bind, or a rule that only a deployment knows.
func (w widening) unknown(h infra.Holder, base, head []infra.Right) {
	seen := map[string]bool{}
	for _, r := range head {
		if r.Known || r.Origin != nil && !r.At.HasUnknown() && !r.Verb.HasUnknown() {
			continue
		}
		key := fmt.Sprintf("%s %s %s", r.Role.Kind, r.Role.Name, r.Scope())
		same := func(b infra.Right) bool { return b.Role == r.Role && b.In == r.In }
		if seen[key] || slices.ContainsFunc(base, func(b infra.Right) bool { return same(b) && !b.Known }) {
			continue
		}
		seen[key] = true
		if r.Origin != nil {
			w.p.Report(firstUnknown(r.At, r.Verb), manifest.Subject{Class: h.Text() + ": unknown"}, "%s may newly do what nobody knows, by %s %q", h.Text(), r.Role.Kind, r.Role.Name)
			continue
		}
		if slices.ContainsFunc(base, same) {
			w.p.Report(r.Binding.Root.Get("roleRef", "name"), manifest.Subject{Class: h.Text() + ": " + r.Role.Kind + "/" + r.Role.Name}, "%s stays bound %s to %s %q, which leaves this target: nobody can say here what it allows", h.Text(), r.Scope(), r.Role.Kind, r.Role.Name)
			w.p.findings[len(w.p.findings)-1].Doubt = Unprovable
			continue
		}
		if w.newSubject(h, r) || w.newRef(r) {
			w.p.Report(w.bindingPlace(h, r), manifest.Subject{Class: h.Text() + ": " + r.Role.Kind + "/" + r.Role.Name}, "%s is newly bound %s to %s %q, which stands in no file of this target: nobody can say here what it allows", h.Text(), r.Scope(), r.Role.Kind, r.Role.Name)
		}
	}
}

// unlisted reports who is bound, or what is allowed, where nobody knows the list
// that base had.
func (w widening) unlisted(pair Pair) {
	if pair.Base == nil || pair.Head == nil || !isRBAC(pair.Head) {
		return
	}
	for list, what := range map[string]string{"subjects": "may newly be bound to whom nobody knows", "rules": "may newly allow what nobody knows"} {
		is := pair.Head.Root.Get(list)
		if is.Unknown() && !pair.Base.Root.Get(list).Unknown() {
			w.p.Report(is, manifest.Subject{Class: list + ": unknown"}, "%s %q %s", pair.Head.Kind, pair.Head.Name, what)
		}
	}
}

// told says that another check tells of the same right at the same severity or
// above: one that judges the role or the binding by itself, and finds it new.
func (w widening) told(h infra.Holder, r infra.Right) bool {
	if r.Binding != nil {
		if w.newRef(r) && r.Role.Kind == infra.ClusterRole && r.Role.Name == "cluster-admin" {
			return true // rbac-cluster-admin
		}
		if w.newSubject(h, r) && (slices.Contains(openGroups, h.Name) || h.Kind == infra.ServiceAccount && h.Name == "default") {
			return true // rbac-open-group, default-sa-bound
		}
	}
	return r.Origin != nil && w.newRule(r) && tellsOfRole(r) && w.findsNew(r)
}

// findsNew says that a check of roles cannot take the right for one that the role
// allowed before: except of secrets, none of them looks at the names in a rule, nor
// at the verbs on a URL.
func (w widening) findsNew(r infra.Right) bool {
	before := w.partners[r.Origin]
	if before == nil {
		return true
	}
	was := infra.RightsOf(before)
	if len(r.Rule.NonResourceURLs) > 0 {
		return !slices.ContainsFunc(was, func(b infra.Right) bool { return slices.Contains(b.Rule.NonResourceURLs, "*") })
	}
	if g := grantOf(r); g.group == "core" && g.resource == "secrets" {
		return true
	}
	var classes []string
	for _, b := range was {
		if len(b.Rule.Resources) > 0 {
			classes = append(classes, grantOf(b).class())
		}
	}
	return !coversGrant(classes, grantOf(r).class())
}

// class is the grant as checks of roles tell it apart.
func (g grant) class() string { return g.group + "/" + g.resource + ":" + g.verb }

// tellsOfRole says that a check of roles reports the right.
func tellsOfRole(r infra.Right) bool {
	if len(r.Rule.NonResourceURLs) > 0 {
		return r.Rule.NonResourceURLs[0] == "*"
	}
	g := grantOf(r)
	if g.group == "*" || g.verb == "*" || strings.Contains(g.resource, "*") {
		return true
	}
	if g.group == "core" && g.resource == "secrets" && slices.Contains(secretVerbs, g.verb) {
		return true
	}
	return slices.ContainsFunc(slices.Concat(escalation(), control(), podPowers()), g.has)
}

// newRule says that the role by itself did not allow it at base.
func (w widening) newRule(r infra.Right) bool {
	added, known := w.added[r.Origin]
	if !known {
		added = map[place]bool{}
		var before []infra.Right
		if b := w.partners[r.Origin]; b != nil {
			before = infra.RightsOf(b)
		}
		for _, one := range infra.Beyond(before, infra.RightsOf(r.Origin)) {
			added[place{one.At.YAML(), one.Verb.YAML()}] = true
		}
		w.added[r.Origin] = added
	}
	return added[place{r.At.YAML(), r.Verb.YAML()}]
}

// place is where a role allows a right.
type place struct{ resource, verb *yaml.Node }

// newRef says that the binding did not bind that role at base.
func (w widening) newRef(r infra.Right) bool {
	before := w.partners[r.Binding]
	return before == nil || before.Root.Get("roleRef", "name").Text() != r.Role.Name || before.Root.Get("roleRef", "kind").Text() != r.Role.Kind
}

// newSubject says that the binding did not have that subject at base.
func (w widening) newSubject(h infra.Holder, r infra.Right) bool {
	before := w.partners[r.Binding]
	if before == nil {
		return true
	}
	for s := range before.Root.Get("subjects").Items() {
		if s.Get("kind").Text() != h.Kind || s.Get("name").Text() != h.Name {
			continue
		}
		namespace := cmp.Or(s.Get("namespace").Text(), before.Namespace, infra.OwnNamespace)
		if namespace == manifest.UnknownNamespace {
			namespace = infra.OwnNamespace
		}
		if h.Kind != infra.ServiceAccount || namespace == h.Namespace {
			return false
		}
	}
	return true
}

// at is the place that tells most of a holder's new rights: the rule that is new,
// else the subject, else the role that is bound. What is new stands in another target
// alone: that one tells of it, with all that is deployed with it.
func (w widening) at(h infra.Holder, base, beyond []infra.Right) manifest.Node {
	if !slices.ContainsFunc(beyond, func(r infra.Right) bool { return !w.elsewhere(h, r) }) {
		return manifest.Node{}
	}
	for _, r := range beyond {
		if r.Origin == nil || !w.own(r.Origin) || !w.newRule(r) || r.Binding != nil && w.own(r.Binding) && w.newSubject(h, r) {
			continue
		}
		if before := w.partners[r.Origin]; before != nil && slices.ContainsFunc(infra.RightsOf(before), func(b infra.Right) bool {
			return slices.Equal(b.Rule.Resources, r.Rule.Resources) && slices.Equal(b.Rule.APIGroups, r.Rule.APIGroups)
		}) {
			return r.Verb
		}
		return r.At
	}
	for _, r := range beyond {
		if r.Binding != nil && w.own(r.Binding) {
			return w.bindingPlace(h, r)
		}
	}
	for _, r := range beyond {
		if r.Origin != nil && w.own(r.Origin) {
			return r.At
		}
	}
	return manifest.Node{}
}

// elsewhere says that what gives a holder a right came in other targets alone.
func (w widening) elsewhere(h infra.Holder, r infra.Right) bool {
	others := false
	if r.Origin != nil && w.newRule(r) {
		if w.own(r.Origin) {
			return false
		}
		others = true
	}
	if r.Binding != nil && (w.newSubject(h, r) || w.newRef(r)) {
		if w.own(r.Binding) {
			return false
		}
		others = true
	}
	return others
}

// bindingPlace is the subject of a binding that is new, else what it binds.
func (w widening) bindingPlace(h infra.Holder, r infra.Right) manifest.Node {
	if w.newSubject(h, r) {
		return r.Subject
	}
	return r.Binding.Root.Get("roleRef", "name")
}

// own says that an object is the target's and not of what is deployed with it:
// that target tells of it.
func (w widening) own(o *manifest.Object) bool { return slices.Contains(w.p.Objects, o) }

// followed are base's rights under the names that holders and namespaces have at
// head: what is only renamed is given nothing.
func (w widening) followed(base, head infra.Access) infra.Access {
	names, spaces := map[infra.Holder]infra.Holder{}, w.renamed()
	for _, pair := range w.p.Pairs {
		b, h := pair.Base, pair.Head
		if b == nil || h == nil {
			continue
		}
		if b.Name != h.Name && b.GroupKind() == infra.ServiceAccount && h.GroupKind() == infra.ServiceAccount {
			names[accountOf(b)] = accountOf(h)
		}
	}
	if len(names)+len(spaces) == 0 {
		return base
	}
	next := infra.Access{}
	for h, rights := range base {
		next[h] = append(next[h], rights...)
		to := h
		if named, renamed := names[h]; renamed {
			to = named
		} else if space, moved := spaces[h.Namespace]; moved {
			to.Namespace = space
		}
		if _, still := head[h]; still && to != h {
			continue // both are there: the other is another one
		}
		for _, r := range rights {
			if space, moved := spaces[r.In]; moved {
				r.In = space
			}
			if space, moved := spaces[r.Role.Namespace]; moved {
				r.Role.Namespace = space
			}
			next[to] = append(next[to], r)
		}
	}
	return next
}

// renamed are head's names of namespaces, by base's. One of which something stays,
// that goes to several, or whose new name was there before, is not renamed: who had
// rights in it was given none in the other.
func (w widening) renamed() map[string]string {
	was, is, spaces := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, pair := range w.p.Pairs {
		b, h := pair.Base, pair.Head
		if b != nil {
			was[b.Namespace] = true
		}
		if h != nil {
			is[h.Namespace] = true
		}
		if b == nil || h == nil || b.Namespace == h.Namespace || b.Namespace == "" || h.Namespace == "" {
			continue
		}
		if to, known := spaces[b.Namespace]; known && to != h.Namespace {
			is[b.Namespace] = true
			continue
		}
		spaces[b.Namespace] = h.Namespace
	}
	maps.DeleteFunc(spaces, func(from, to string) bool { return is[from] || was[to] })
	return spaces
}

func accountOf(o *manifest.Object) infra.Holder {
	return infra.Holder{Kind: infra.ServiceAccount, Namespace: cmp.Or(o.Namespace, infra.OwnNamespace), Name: o.Name}
}

// mostRights bounds how many of them a message lists.
const mostRights = 5

// listRights are new rights for people, by resource and scope, the dangerous ones
// first, and for telling them apart.
func listRights(rights []infra.Right) (text, class string) {
	var order []string
	verbs, grave := map[string][]string{}, map[string]bool{}
	for _, r := range rights {
		key := r.What() + " " + r.Scope()
		if verbs[key] == nil {
			order = append(order, key)
		}
		if !slices.Contains(verbs[key], r.Rule.Verbs[0]) {
			verbs[key] = append(verbs[key], r.Rule.Verbs[0])
		}
		grave[key] = grave[key] || tellsOfRole(r)
	}
	slices.SortFunc(order, func(a, b string) int {
		if grave[a] != grave[b] {
			return map[bool]int{true: -1, false: 1}[grave[a]]
		}
		return strings.Compare(a, b)
	})
	var all []string
	for _, key := range order {
		all = append(all, strings.Join(slices.Sorted(slices.Values(verbs[key])), ", ")+" "+key)
	}
	class = strings.Join(all, "; ")
	if len(all) > mostRights {
		sum := sha256.Sum256([]byte(class))
		class = hex.EncodeToString(sum[:4])
		text = strings.Join(all[:mostRights], "; ") + fmt.Sprintf("; and %d more", len(all)-mostRights)
		if roles := rolesOf(rights); len(roles) > 0 {
			text += " (" + strings.Join(roles, ", ") + ")"
			class = strings.Join(roles, ", ") + " " + class
		}
		return text, class
	}
	return class, class
}

// rolesOf are the roles that some rights come from, for people.
func rolesOf(rights []infra.Right) []string {
	var all []string
	for _, r := range rights {
		if name := fmt.Sprintf("%s %s", r.Role.Kind, r.Role.Name); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all[:min(len(all), mostRights)]
}
