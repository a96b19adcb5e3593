package checks

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

var rbacOpenGroup = &Check{
	ID:       "rbac-open-group",
	Title:    "Binding gives rights to everybody",
	Severity: Critical,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "These groups hold everybody who reaches the API server, or everybody with an account; masters pass every check.",
	Fix:      "Bind the service account or the group that needs the role.",
	Source:   "CIS GKE 4.1; Kubernetes documentation, RBAC Good Practices",
	Aliases:  []string{"KSV-0122", "KSV-0123", "KSV-01011", "C-0262", "C-0265"},
	Bad:      binding("view", "- kind: Group\n  name: system:authenticated # want\n- kind: User\n  name: system:anonymous # want\n"),
	Good:     binding("view", "- {kind: Group, name: developers}\n"),
	NearMiss: binding("system:discovery", "- {kind: Group, name: system:authenticated}\n"),
	Run: func(p *Pass) {
		role := roleRef(p.Object)
		if !role.Exists() || slices.Contains([]string{"system:discovery", "system:basic-user", "system:public-info-viewer"}, role.Get("name").Text()) {
			return
		}
		for subject := range p.Object.Root.Get("subjects").Items() {
			at := subject.Get("name")
			if kind := subject.Get("kind").Text(); kind != "Group" && kind != "User" || !slices.Contains(openGroups, at.Text()) {
				continue
			}
			p.Report(firstUnknown(at, role.Get("name"), role), manifest.Subject{Class: at.Text()}, "%s %q gives %s to %s; a service account or a group of one's own is expected", p.Object.Kind, p.Object.Name, role.Get("name").Text(), at.Text())
		}
	},
}

var openGroups = []string{"system:anonymous", "system:unauthenticated", "system:authenticated", "system:masters"}
