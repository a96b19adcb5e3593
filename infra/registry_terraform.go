package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

func terraformECR(o *manifest.Object) Registry {
	return Registry{
		Kind: "ECR repository", Tags: ecrTags(o.Root.Get("image_tag_mutability")),
		Scan: scanned(block(o.Root, "image_scanning_configuration").Get("scan_on_push")),
		Key:  wanted(block(o.Root, "encryption_configuration").Get("kms_key")),
	}
}

// terraformECRTemplate is what repositories are made from that nobody declares.
func terraformECRTemplate(o *manifest.Object) Registry {
	return Registry{Kind: "ECR repository template", Tags: ecrTags(o.Root.Get("image_tag_mutability"))}
}

func terraformArtifactRegistry(o *manifest.Object) Registry {
	format := o.Root.Get("format")
	if !format.Unknown() && !strings.EqualFold(format.Text(), "DOCKER") {
		return Registry{}
	}
	at := block(o.Root, "docker_config").Get("immutable_tags")
	tags := mended(at, !at.IsTrue(), "true").depending(format)
	if mode := o.Root.Get("mode"); mode.Text() == "REMOTE_REPOSITORY" || mode.Text() == "VIRTUAL_REPOSITORY" {
		tags = Setting{At: mode} // whoever it mirrors decides what a tag is
	}
	scan := block(o.Root, "vulnerability_scanning_config").Get("enablement_config")
	return Registry{
		Kind: "Artifact Registry repository", Tags: tags,
		Scan: explicit(scan, func(n manifest.Node) bool { return n.Text() == "DISABLED" }, "INHERITED"),
		Key:  wanted(o.Root.Get("kms_key_name")),
	}
}

// terraformACR is a registry of Azure. Only the Premium one can name networks.
func terraformACR(o *manifest.Object) Registry {
	admin, public := o.Root.Get("admin_enabled"), o.Root.Get("public_network_access_enabled")
	action := block(o.Root, "network_rule_set").Get("default_action")
	network := mended(public, !isFalse(public) && action.Text() != "Deny", "false")
	key := wanted(block(o.Root, "encryption").Get("key_vault_key_id"))
	if sku := o.Root.Get("sku"); sku.Text() != "Premium" {
		key = Setting{} // which others cannot have
	}
	return Registry{Kind: "container registry", Admin: explicit(admin, isTrue, "false"), Network: network.depending(action), Key: key}
}

// terraformDefender is the plan by which Azure scans the images of all registries of
// a subscription.
func terraformDefender(o *manifest.Object) Registry {
	typ, tier := o.Root.Get("resource_type"), o.Root.Get("tier")
	if typ.Text() != "ContainerRegistry" && typ.Text() != "Containers" && !typ.Unknown() {
		return Registry{}
	}
	return Registry{Kind: "Defender plan", Scan: mended(tier, tier.Text() != "Standard", "Standard").depending(typ)}
}

func terraformMembers(o *manifest.Object) []Setting {
	var all []Setting
	for _, at := range membersOf(o) {
		all = append(all, everyMember(at)...)
	}
	return all
}

// membersOf are those whom a binding of Google Cloud is about.
func membersOf(o *manifest.Object) []manifest.Node {
	return append(itemsOf(o.Root.Get("member")), itemsOf(o.Root.Get("members"))...)
}

// anonymousPull is whether a registry of Azure serves everybody, which one of the
// Basic kind cannot.
func anonymousPull(o *manifest.Object) []Setting {
	at := o.Root.Get("anonymous_pull_enabled")
	kind := o.Root.Get("sku")
	if kind.Text() == "Basic" {
		return []Setting{{At: at}}
	}
	return []Setting{mended(at, at.IsTrue() || at.Unknown(), "false").depending(kind)}
}

// registryRoles are the roles of Google Cloud that let their holder write to
// repositories.
var registryRoles = []string{
	"roles/artifactregistry.writer", "roles/artifactregistry.repoAdmin", "roles/artifactregistry.admin",
	"roles/artifactregistry.createOnPushWriter", "roles/artifactregistry.createOnPushRepoAdmin",
}

// projectWriters are bindings of a whole project, folder or organization: all
// repositories there.
func projectWriters(o *manifest.Object) []Setting {
	role := o.Root.Get("role")
	if role.Unknown() {
		return []Setting{{At: role, Weak: true}}
	}
	for _, name := range registryRoles {
		if role.Text() == name {
			return []Setting{{At: role, Weak: true, Who: name + " on everything"}}
		}
	}
	return nil
}

// repositoryWriters are bindings of one repository to all members of a domain,
// or to everybody.
func repositoryWriters(o *manifest.Object) []Setting {
	role := o.Root.Get("role")
	writes := role.Unknown()
	for _, name := range registryRoles {
		writes = writes || role.Text() == name
	}
	var all []Setting
	for _, at := range membersOf(o) {
		broad := at.Unknown() || strings.HasPrefix(at.Text(), "all") || strings.HasPrefix(at.Text(), "domain:")
		if writes && broad {
			all = append(all, Setting{At: at, Weak: true, Who: at.Text()}.depending(role))
		}
	}
	return all
}

// azureWriters is an assignment of a role: AcrPush belongs to one registry.
func azureWriters(o *manifest.Object) []Setting {
	role, scope := o.Root.Get("role_definition_name"), o.Root.Get("scope")
	if role.Text() != "AcrPush" && role.Text() != "Container Registry Repository Writer" {
		return nil
	}
	if to, known := scope.Refers(); known {
		kind := strings.TrimPrefix(to.Kind, "data.")
		weak := kind == "azurerm_resource_group" || kind == "azurerm_subscription" || kind == "azurerm_management_group"
		return []Setting{{At: role, Weak: weak, Who: kind}}
	}
	path := strings.ToLower(scope.Text())
	weak := scope.Unknown() || strings.HasPrefix(path, "/subscriptions/") && !strings.Contains(path, "/registries/") || strings.Contains(path, "managementgroups/")
	return []Setting{Setting{At: role, Weak: weak, Who: scope.Text()}.depending(scope)}
}
