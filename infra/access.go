package infra

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	rbac "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/component-helpers/auth/rbac/validation"

	"github.com/rendergate/rendergate/render/manifest"
)

// Holder is who has rights: a user, a group, a service account, or, as a
// Role or ClusterRole, whoever is bound to that role elsewhere.
type Holder struct{ Kind, Namespace, Name string }

// Kinds of holders.
const (
	ServiceAccount = rbac.ServiceAccountKind
	Role           = "Role"
	ClusterRole    = "ClusterRole"
)

// Text names a holder for people.
func (h Holder) Text() string {
	name := h.Name
	if h.Namespace != "" && h.Namespace != OwnNamespace {
		name = h.Namespace + "/" + h.Name
	}
	if h.Kind == Role || h.Kind == ClusterRole {
		return "whoever is bound to " + h.Kind + " " + name
	}
	return h.Kind + " " + name
}

// OwnNamespace is the namespace of objects for which nobody said one.
const OwnNamespace = "-"

// Right is one verb on one resource or URL that a holder has.
type Right struct {
	Rule    rbac.PolicyRule // broken down to one of each
	In      string          // the namespace; empty: the whole cluster
	At      manifest.Node   // the rule's resource; absent for a role that every cluster has
	Verb    manifest.Node   // the verb
	Role    manifest.Ref    // that allows it
	Known   bool            // false: the role stands elsewhere, so that nobody knows what it allows
	Subject manifest.Node   // the binding's subject; absent for whoever is bound elsewhere
	Binding *manifest.Object
	Origin  *manifest.Object // the role's object, nil for one that every cluster has
}

// Access is what the RBAC objects of a target let each holder do.
type Access map[Holder][]Right

// AccessOf reads roles and bindings as the authorizer does.
func AccessOf(objects []*manifest.Object) Access {
	r := roles{byRef: map[manifest.Ref][]*manifest.Object{}}
	for _, o := range objects {
		if o.Group() == rbac.GroupName && (o.Kind == Role || o.Kind == ClusterRole) {
			r.byRef[refOf(o.Kind, o.Namespace, o.Name)] = append(r.byRef[refOf(o.Kind, o.Namespace, o.Name)], o)
			r.all = append(r.all, o)
		}
	}
	access := Access{}
	for _, o := range objects {
		if o.Group() == rbac.GroupName && (o.Kind == "RoleBinding" || o.Kind == "ClusterRoleBinding") {
			r.bind(o, access)
		}
	}
	r.elsewhere(access)
	return access
}

// roles are those of a target.
type roles struct {
	all   []*manifest.Object
	byRef map[manifest.Ref][]*manifest.Object
}

func refOf(kind, namespace, name string) manifest.Ref {
	if kind == Role {
		return manifest.Ref{Kind: Role, Namespace: cmp.Or(namespace, OwnNamespace), Name: name}
	}
	return manifest.Ref{Kind: kind, Name: name}
}

// bind gives the subjects of a binding the rights of its role.
func (r *roles) bind(o *manifest.Object, access Access) {
	at := o.Root.Get("roleRef")
	role := refOf(at.Get("kind").Text(), o.Namespace, at.Get("name").Text())
	in := ""
	if o.Kind == "RoleBinding" {
		in = cmp.Or(o.Namespace, OwnNamespace)
	}
	rights := r.rights(role)
	for subject := range o.Root.Get("subjects").Items() {
		h := Holder{Kind: subject.Get("kind").Text(), Name: subject.Get("name").Text()}
		if h.Kind == ServiceAccount {
			h.Namespace = cmp.Or(subject.Get("namespace").Text(), o.Namespace, OwnNamespace)
			if h.Namespace == manifest.UnknownNamespace {
				h.Namespace = OwnNamespace
			}
		}
		for _, right := range rights {
			if in != "" && len(right.Rule.NonResourceURLs) > 0 {
				continue // a namespace has no URLs
			}
			right.In, right.Subject, right.Binding = in, subject.Get("name"), o
			access[h] = append(access[h], right)
		}
	}
}

// rights are those of a role; one that is not known where the target does not
// have it, and not every cluster.
func (r *roles) rights(role manifest.Ref) []Right {
	var all []Right
	found := r.byRef[role]
	for _, o := range found {
		all = append(all, RightsOf(o)...)
		selectors, unknown := selectorsOf(o.Root.Get("aggregationRule"))
		for _, other := range r.aggregated(selectors, o) {
			all = append(all, RightsOf(other)...)
		}
		if unknown.Exists() {
			all = append(all, Right{At: unknown, Origin: o})
		}
	}
	key := role.Kind + "/" + role.Name
	if role.Kind == Role {
		key = role.Kind + "/" + role.Namespace + "/" + role.Name
	}
	own, builtIn := builtInRoles()[key]
	if !builtIn && len(found) == 0 {
		return []Right{{Role: role}}
	}
	for _, rule := range own {
		for _, one := range validation.BreakdownRule(rule) {
			all = append(all, Right{Rule: one, Known: true})
		}
	}
	for _, other := range r.aggregated(builtInSelectors(role), nil) {
		all = append(all, RightsOf(other)...)
	}
	for i := range all {
		all[i].Role = role
	}
	return all
}

// builtInSelectors say which roles are aggregated into one that every cluster has.
func builtInSelectors(role manifest.Ref) []labels.Selector {
	if role.Kind != ClusterRole {
		return nil
	}
	var all []labels.Selector
	for _, name := range UserRoles[:slices.Index(UserRoles, role.Name)+1] {
		all = append(all, labels.SelectorFromSet(labels.Set{rbac.GroupName + "/aggregate-to-" + name: "true"}))
	}
	return all
}

// aggregated are the cluster roles that one of some selectors selects.
func (r *roles) aggregated(selectors []labels.Selector, but *manifest.Object) []*manifest.Object {
	return slices.DeleteFunc(slices.Clone(r.all), func(o *manifest.Object) bool {
		own := labels.Set{}
		for key, value := range o.Root.Get("metadata", "labels").Fields() {
			own[key] = value.Text()
		}
		return o == but || o.Kind != ClusterRole || !slices.ContainsFunc(selectors, func(s labels.Selector) bool { return s.Matches(own) })
	})
}

// selectorsOf are the selectors of an aggregation rule, and what of it nobody
// knows. One that the API server would refuse selects nothing.
func selectorsOf(rule manifest.Node) (all []labels.Selector, unknown manifest.Node) {
	for at := range itemsOrItself(rule.Get("clusterRoleSelectors")) {
		if at.HasUnknown() {
			unknown = at
			continue
		}
		text, err := yaml.Marshal(at.YAML())
		var read struct {
			MatchLabels      map[string]string `yaml:"matchLabels"`
			MatchExpressions []struct {
				Key      string   `yaml:"key"`
				Operator string   `yaml:"operator"`
				Values   []string `yaml:"values"`
			} `yaml:"matchExpressions"`
		}
		if err != nil || yaml.Unmarshal(text, &read) != nil {
			continue
		}
		of := &metav1.LabelSelector{MatchLabels: read.MatchLabels}
		for _, e := range read.MatchExpressions {
			of.MatchExpressions = append(of.MatchExpressions, metav1.LabelSelectorRequirement{Key: e.Key, Operator: metav1.LabelSelectorOperator(e.Operator), Values: e.Values})
		}
		if selector, err := metav1.LabelSelectorAsSelector(of); err == nil {
			all = append(all, selector)
		}
	}
	return all, unknown
}

// UserRoles are the roles that every cluster has for people, each contained in
// the next: others are aggregated into them.
var UserRoles = []string{"view", "edit", "admin"}

// elsewhere gives the rights of the target's roles to whoever is bound to them,
// and so those of the roles that every cluster has and that they are aggregated
// into.
func (r *roles) elsewhere(access Access) {
	for _, o := range r.all {
		ref := refOf(o.Kind, o.Namespace, o.Name)
		access[holderOf(ref)] = within(r.rights(ref), ref.Namespace)
	}
	for _, name := range UserRoles {
		ref := manifest.Ref{Kind: ClusterRole, Name: name}
		access[holderOf(ref)] = r.rights(ref)
	}
}

func holderOf(role manifest.Ref) Holder {
	return Holder{Kind: role.Kind, Namespace: role.Namespace, Name: role.Name}
}

func within(rights []Right, namespace string) []Right {
	for i := range rights {
		rights[i].In = namespace
	}
	return rights
}

// RightsOf are the rules of a role, broken down, wherever it is bound.
func RightsOf(o *manifest.Object) []Right {
	var all []Right
	add := func(rule rbac.PolicyRule, at, verb manifest.Node) {
		all = append(all, Right{Rule: rule, At: at, Verb: verb, Known: !at.Unknown() && !verb.Unknown(), Origin: o})
	}
	for rule := range o.Root.Get("rules").Items() {
		var names []string
		for name := range rule.Get("resourceNames").Items() {
			names = append(names, name.Text())
		}
		for verb := range orUnknown(rule.Get("verbs")) {
			for group := range orUnknown(rule.Get("apiGroups")) {
				for resource := range orUnknown(rule.Get("resources")) {
					at := resource
					if group.Unknown() {
						at = group
					}
					for _, one := range validation.BreakdownRule(rbac.PolicyRule{
						APIGroups: []string{group.Text()}, Resources: []string{resource.Text()}, Verbs: []string{verb.Text()}, ResourceNames: names,
					}) {
						add(one, at, verb)
					}
				}
			}
			for url := range orUnknown(rule.Get("nonResourceURLs")) {
				if o.Kind == ClusterRole {
					add(rbac.PolicyRule{NonResourceURLs: []string{url.Text()}, Verbs: []string{verb.Text()}}, url, verb)
				}
			}
		}
	}
	return all
}

// orUnknown are the items of a list; an unknown one is an item.
func orUnknown(list manifest.Node) func(yield func(manifest.Node) bool) {
	if list.Unknown() {
		return func(yield func(manifest.Node) bool) { yield(list) }
	}
	return list.Items()
}

// Beyond are the known rights of head that base did not have, there or in the
// whole cluster, in their order and each once.
func Beyond(base, head []Right) []Right {
	known := map[string]bool{}
	rules := map[string][]rbac.PolicyRule{}
	for _, r := range base {
		if r.Known {
			known[r.key()] = true
			rules[r.In] = append(rules[r.In], r.Rule)
			rules[r.In] = append(rules[r.In], implied(r.Rule)...)
		}
	}
	var beyond []Right
	for _, r := range head {
		if !r.Known || known[r.key()] {
			continue
		}
		known[r.key()] = true
		one := []rbac.PolicyRule{r.Rule}
		if ok, _ := validation.Covers(rules[""], one); ok {
			continue
		}
		if ok, _ := validation.Covers(rules[r.In], one); ok && r.In != "" {
			continue
		}
		beyond = append(beyond, r)
	}
	return beyond
}

// kubeletParts are what may be allowed of the kubelet one by one. Whoever has
// nodes/proxy has them all, because the API server passes any request on.
// Source: Kubernetes documentation, Kubelet authentication/authorization.
var kubeletParts = []string{"nodes/checkpoint", "nodes/configz", "nodes/healthz", "nodes/log", "nodes/metrics", "nodes/pods", "nodes/spec", "nodes/stats"}

// implied is what a rule allows under other names.
func implied(rule rbac.PolicyRule) []rbac.PolicyRule {
	if !slices.Contains(rule.APIGroups, "") || !slices.Contains(rule.Resources, "nodes/proxy") {
		return nil
	}
	rule.Resources = kubeletParts
	return []rbac.PolicyRule{rule}
}

// key tells rights apart.
func (r Right) key() string {
	return strings.Join([]string{r.In, strings.Join(r.Rule.APIGroups, ","), strings.Join(r.Rule.Resources, ","),
		strings.Join(r.Rule.ResourceNames, ","), strings.Join(r.Rule.NonResourceURLs, ","), strings.Join(r.Rule.Verbs, ",")}, "\x00")
}

//go:embed access_roles.yaml
var accessRoles []byte

// builtInRoles are the rules of the roles that every cluster has. The three for
// users contain each other.
var builtInRoles = sync.OnceValue(func() map[string][]rbac.PolicyRule {
	type rule struct {
		APIGroups       []string `yaml:"apiGroups"`
		Resources       []string `yaml:"resources"`
		ResourceNames   []string `yaml:"resourceNames"`
		NonResourceURLs []string `yaml:"nonResourceURLs"`
		Verbs           []string `yaml:"verbs"`
	}
	var read map[string][]rule
	if err := yaml.Unmarshal(accessRoles, &read); err != nil {
		panic(err)
	}
	all := map[string][]rbac.PolicyRule{}
	for name, rules := range read {
		for _, r := range rules {
			all[name] = append(all[name], rbac.PolicyRule{APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames, NonResourceURLs: r.NonResourceURLs, Verbs: r.Verbs})
		}
	}
	all["ClusterRole/edit"] = append(all["ClusterRole/edit"], all["ClusterRole/view"]...)
	all["ClusterRole/admin"] = append(all["ClusterRole/admin"], all["ClusterRole/edit"]...)
	return all
})

// Scope says where a right holds, for people.
func (r Right) Scope() string {
	switch r.In {
	case "":
		return "in the whole cluster"
	case OwnNamespace:
		return "in its namespace"
	}
	return "in namespace " + r.In
}

// What is the resource or URL of a right, for people: the group behind it where
// it is not the core one.
func (r Right) What() string {
	if len(r.Rule.NonResourceURLs) > 0 {
		return "the URL " + r.Rule.NonResourceURLs[0]
	}
	what := r.Rule.Resources[0]
	if group := r.Rule.APIGroups[0]; group != "" {
		what += "." + group
	}
	if len(r.Rule.ResourceNames) > 0 {
		what += " " + strings.Join(r.Rule.ResourceNames, " ")
	}
	return what
}
