package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var rbacPathOpened = &Check{
	ID:       "rbac-path-opened",
	Title:    "Somebody may newly become a powerful service account",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.2.0",
	Why:      "Who may start a pod, open a shell in one, or have a token made in a namespace acts as any service account there. Two changes that are harmless alone, one to each, together give the cluster away.",
	Fix:      "Put the powerful service account in a namespace where nobody else may run anything, or take from it what reaches beyond its namespace.",
	Source:   "Kubernetes documentation, RBAC Good Practices, Privilege escalation risks",
	Before:   developers("view") + "---\n" + operator,
	Bad:      developers("edit # want") + "---\n" + operator,
	Good:     developers("view") + "---\n" + strings.ReplaceAll(operator, "nodes, secrets", "nodes"),
	NearMiss: strings.ReplaceAll(developers("edit"), "namespace: system", "namespace: shop") + "---\n" + operator,
	Compare: func(p *Pass) {
		if !slices.ContainsFunc(p.Together(), isRBAC) {
			return
		}
		w := newWidening(p)
		base, head := infra.AccessOf(slices.Concat(p.Base, p.WithBase)), infra.AccessOf(p.Together())
		base = w.followed(base, head)
		for _, h := range holders(head) {
			if h.Kind == infra.Role || h.Kind == infra.ClusterRole || slices.ContainsFunc(base[h], mighty) {
				continue
			}
			for _, path := range pathsOf(head, h) {
				if !slices.ContainsFunc(pathsOf(base, h), func(b actingAs) bool { return b.as == path.as && len(infra.Beyond(base[b.as], path.gains)) == 0 }) {
					w.opened(h, path, base)
				}
			}
		}
	},
}

func developers(role string) string {
	return `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: developers, namespace: system}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: ` + role + `
subjects:
  - {kind: Group, name: developers, apiGroup: rbac.authorization.k8s.io}
`
}

const operator = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: operator}
rules:
  - {apiGroups: [""], resources: [nodes, secrets], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: operator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: operator}
subjects:
  - {kind: ServiceAccount, name: operator, namespace: system}
`

// actingAs is a way in which a holder comes to the rights of a service account.
type actingAs struct {
	as    infra.Holder
	by    infra.Right   // that lets it
	gains []infra.Right // that reach beyond a namespace, and that it does not have itself
}

// pathsOf are the service accounts as which a holder may act, and that have what
// nobody gets by being allowed something in a namespace. Who may do such things
// anyway gains nothing that matters.
func pathsOf(a infra.Access, h infra.Holder) []actingAs {
	own := a[h]
	if slices.ContainsFunc(own, mighty) {
		return nil
	}
	var paths []actingAs
	for _, as := range holders(a) {
		if as.Kind != infra.ServiceAccount || as == h {
			continue
		}
		at := slices.IndexFunc(own, func(r infra.Right) bool { return r.Known && r.In == as.Namespace && becomes(r, as.Name) })
		if at < 0 {
			continue
		}
		gains := slices.DeleteFunc(infra.Beyond(own, a[as]), func(r infra.Right) bool { return !mighty(r) })
		if len(gains) > 0 {
			paths = append(paths, actingAs{as, own[at], gains})
		}
	}
	return paths
}

// becomes says that a right in a namespace is as good as being one of its
// service accounts.
func becomes(r infra.Right, account string) bool {
	if len(r.Rule.Resources) == 0 {
		return false
	}
	named := len(r.Rule.ResourceNames) == 0 || slices.Contains(r.Rule.ResourceNames, account)
	g := grantOf(r)
	pods := slices.ContainsFunc(podPowers(), func(p power) bool { return p.resource != "pods/portforward" && g.has(p) })
	as := slices.ContainsFunc([]power{
		{group: "core", resource: "serviceaccounts", verbs: []string{"impersonate"}}, {group: "core", resource: "serviceaccounts/token", verbs: []string{"create"}},
	}, g.has)
	return pods && len(r.Rule.ResourceNames) == 0 || as && named
}

// mighty says that a right in the whole cluster leads to all others there.
func mighty(r infra.Right) bool {
	if !r.Known || r.In != "" || len(r.Rule.Resources) == 0 || len(r.Rule.ResourceNames) > 0 {
		return false
	}
	g := grantOf(r)
	secrets := power{group: "core", resource: "secrets", verbs: []string{"get", "list", "watch"}}
	return slices.ContainsFunc(slices.Concat([]power{secrets}, escalation(), control(), podPowers()), g.has)
}

func grantOf(r infra.Right) grant {
	return grant{groupName(r.Rule.APIGroups[0]), strings.ToLower(r.Rule.Resources[0]), strings.ToLower(r.Rule.Verbs[0]), r.Rule.ResourceNames, r.At, [2]manifest.Node{}}
}

// opened reports a path where what opens it is: the right to act as the account,
// else what the account may newly do. What another check says of that right, at
// no lower severity, is not said again.
func (w widening) opened(h infra.Holder, path actingAs, base infra.Access) {
	holder, step := h, []infra.Right{path.by}
	if len(infra.Beyond(base[h], step)) == 0 {
		holder, step = path.as, infra.Beyond(base[path.as], path.gains)
		step = slices.DeleteFunc(step, func(r infra.Right) bool { return w.toldGravely(r) })
	}
	if len(step) == 0 {
		return
	}
	at := w.at(holder, base[holder], step)
	if at.Object() == nil {
		return
	}
	gains, _ := listRights(path.gains)
	w.p.Report(at, manifest.Subject{Class: h.Text() + " as " + path.as.Name}, "%s may newly act as %s, because it may %s %s %s; that account may %s", h.Text(), path.as.Text(),
		path.by.Rule.Verbs[0], path.by.What(), path.by.Scope(), gains)
}

// toldGravely says that a check of high severity tells of a right that is new.
func (w widening) toldGravely(r infra.Right) bool {
	if r.Binding != nil && w.newRef(r) && r.Role.Name == "cluster-admin" {
		return true
	}
	g := grantOf(r)
	return r.Origin != nil && w.newRule(r) && w.findsNew(r) && (strings.Contains(g.group+g.resource+g.verb, "*") ||
		slices.ContainsFunc(slices.Concat(escalation(), control()), g.has))
}
