package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var cloudRoleBroad = &Check{
	ID:       "cloud-role-broad",
	Title:    "Owner or editor of a whole project or subscription",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Whoever becomes that member has all that the project or subscription holds, its clusters and secrets included.",
	Fix:      "Give a predefined or own role of what is needed, on the resource or the resource group.",
	Source:   "CIS Google Cloud 1.5; CIS Microsoft Azure 1.23",
	Aliases:  []string{"CKV_GCP_115", "CKV_GCP_116", "CKV_GCP_117", "CKV_GCP_44", "CKV_GCP_45", "CKV_GCP_49", "CKV_AZURE_39"},
	Covers:   coversGrantOfRole,
	Bad: `apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: app}
spec:
  member: serviceAccount:app@shop.iam.gserviceaccount.com
  role: roles/editor # want
  resourceRef: {kind: Project, external: projects/shop}
`,
	Good: `apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: app}
spec:
  member: serviceAccount:app@shop.iam.gserviceaccount.com
  role: roles/storage.objectViewer
  resourceRef: {kind: Project, external: projects/shop}
`,
	NearMiss: `apiVersion: authorization.azure.com/v1api20220401
kind: RoleAssignment
metadata: {name: app}
spec:
  owner: {kind: ResourceGroup, group: resources.azure.com, name: shop}
  principalId: 11111111-1111-1111-1111-111111111111
  roleDefinitionReference: {wellKnownName: Contributor}
`,
	Terraform: Examples{
		Bad: `resource "google_project_iam_member" "ci" {
  project = var.project
  role    = "roles/owner" # want
  member  = "serviceAccount:${google_service_account.ci.email}"
}

resource "google_project_iam_binding" "team" {
  project = var.project
  role    = "roles/editor" # want
  members = ["group:team@example.com"]
}

resource "azurerm_role_assignment" "app" {
  scope                = data.azurerm_subscription.current.id
  role_definition_name = "Contributor" # want
  principal_id         = azurerm_user_assigned_identity.app.principal_id
}
`,
		Good: `resource "google_project_iam_member" "ci" {
  project = var.project
  role    = "roles/container.developer"
  member  = "serviceAccount:${google_service_account.ci.email}"
}
`,
		NearMiss: `resource "azurerm_role_assignment" "app" {
  scope                = azurerm_resource_group.app.id
  role_definition_name = "Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
}

resource "azurerm_role_assignment" "other" {
  scope                = var.scope
  role_definition_name = "Owner"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
}
`,
	},
	Run: func(p *Pass) {
		for _, g := range infra.IAMOf(p.Object).Grants {
			if g.Scope < infra.OfProject || !slices.Contains(broadRoles, strings.ToLower(g.Role.Text())) && !g.Role.Unknown() {
				continue
			}
			members := membersOf(g)
			p.Report(g.Role, manifest.Subject{Class: g.Role.Partly() + " for " + strings.Join(members, ",") + in + whereOf(g)}, "%s makes %s %s of a whole %s; a role of what is needed is expected",
				infra.Described(p.Object), orDefault(few(members), "its holder"), quoted(g.Role), scopeName(p.Object))
		}
	},
}

// broadRoles are those that may do nearly everything.
var broadRoles = []string{
	"roles/owner", "roles/editor", "owner", "contributor", "user access administrator", "role based access control administrator", "*",
}

// membersOf are the members of a grant, in the order of their names.
func membersOf(g infra.Grant) []string {
	var all []string
	for _, at := range g.Members {
		all = append(all, at.Partly())
	}
	slices.Sort(all)
	return all
}

func scopeName(o *manifest.Object) string {
	if strings.Contains(o.Kind, "azurerm") || o.Group() == "authorization.azure.com" {
		return "subscription"
	}
	return "project"
}

// in stands between whom a grant is for and how far it reaches.
const in, allBelow = " in ", "all below "

// whereOf is where a grant holds: which scope, and whether that is more than one
// project or subscription.
func whereOf(g infra.Grant) string {
	if g.Scope == infra.OfOrganization {
		return allBelow + g.Within.Partly()
	}
	return g.Within.Partly()
}

// coversGrantOfRole says that base gave each of the members that role, or a
// higher one, in the same scope or in what that lies below.
func coversGrantOfRole(base []string, head string) bool {
	head, scope, _ := cutLast(head, in)
	role, members, _ := strings.Cut(head, " for ")
	for member := range strings.SplitSeq(members, ",") {
		if !slices.ContainsFunc(base, func(class string) bool {
			class, baseScope, _ := cutLast(class, in)
			baseRole, baseMembers, _ := strings.Cut(class, " for ")
			same := baseRole == role || strings.HasSuffix(strings.ToLower(baseRole), "owner") || baseRole == "*"
			return same && coversScope(baseScope, scope) && slices.Contains(strings.Split(baseMembers, ","), member)
		}) {
			return false
		}
	}
	return true
}

// coversScope says that one scope may be another one or lie below it. Nobody may
// know which it is, but everybody knows of which kind.
func coversScope(base, head string) bool {
	below, wide := strings.CutPrefix(base, allBelow)
	_, wider := strings.CutPrefix(head, allBelow)
	switch {
	case base == head || wide && !wider:
		return true
	case wider && !wide:
		return false
	}
	return infra.Unknown(base) || infra.Unknown(head) || below == "" || head == "" || head == allBelow
}
