package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// azureScope is how much of Azure a resource's id is about.
func azureScope(at manifest.Node) Scope {
	id := strings.Trim(at.Partly(), "/")
	switch lower := strings.ToLower(id); {
	case id == "" || strings.HasPrefix(lower, "providers/microsoft.management/managementgroups/") || strings.HasPrefix(id, "${azurerm_management_group.") || strings.HasPrefix(id, "${data.azurerm_management_group."):
		if id == "" && at.Text() != "/" {
			return OfResource // nobody knows
		}
		return OfOrganization
	case strings.HasPrefix(lower, "subscriptions/") && strings.Count(lower, "/") == 1,
		strings.HasPrefix(id, "${data.azurerm_subscription.") && strings.HasSuffix(id, "}") && strings.Count(id, "${") == 1,
		strings.HasPrefix(id, "${azurerm_subscription.") && strings.Count(id, "${") == 1:
		return OfProject
	case strings.HasPrefix(lower, "subscriptions/") && strings.Count(lower, "/") == 3, strings.HasPrefix(id, "${azurerm_resource_group."):
		return OfGroup
	}
	return OfResource
}

func azureAssignment(o *manifest.Object) IAM {
	role := o.Root.Get("role_definition_name")
	if !role.Set() {
		role = o.Root.Get("role_definition_id")
	}
	return IAM{Grants: []Grant{{Role: role, Scope: azureScope(o.Root.Get("scope")), Within: o.Root.Get("scope"), Members: texts(o.Root.Get("principal_id"))}}}
}

// azureRole is a role of one's own. What may do everything is as good as Owner
// where it can be given.
func azureRole(o *manifest.Object) IAM {
	var all IAM
	for permission := range o.Root.Get("permissions").Items() {
		for _, action := range texts(permission.Get("actions")) {
			if action.Text() == "*" {
				all.Grants = append(all.Grants, Grant{Role: action, Scope: azureScope(o.Root.Get("scope")), Within: o.Root.Get("scope")})
			}
		}
	}
	return all
}

func asoAssignment(o *manifest.Object) IAM {
	spec := o.Root.Get("spec")
	owner := spec.Get("owner")
	scope := OfResource
	if arm := owner.Get("armId"); arm.Set() {
		scope = azureScope(arm)
	} else if owner.Get("kind").Text() == "ResourceGroup" {
		scope = OfGroup
	}
	role := spec.Get("roleDefinitionReference", "wellKnownName")
	if !role.Set() {
		role = spec.Get("roleDefinitionReference", "armId")
	}
	return IAM{Grants: []Grant{{Role: role, Scope: scope, Within: firstSet(owner.Get("armId"), owner.Get("name")), Members: texts(spec.Get("principalId"))}}}
}
