package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Registry is a repository that images are pulled from.
type Registry struct {
	Kind, Name string
	Tags       Setting // whether a tag can be moved to another image; a zero place says nothing
	Scan       Setting // whether images are not scanned when they are pushed
	Admin      Setting // whether it has an account that everybody who knows its password shares
	Network    Setting // whether it answers everybody's network
	Key        Setting // whether its images are encrypted with the provider's key alone
}

// registries are the adapters, by what describes a registry.
var registries = map[string]func(o *manifest.Object) Registry{
	"aws_ecr_repository": terraformECR,
	"module":             registryModules,
	"azurerm_security_center_subscription_pricing": terraformDefender,
	"aws_ecr_repository_creation_template":         terraformECRTemplate,
	"google_artifact_registry_repository":          terraformArtifactRegistry,
	"azurerm_container_registry":                   terraformACR,
	"containerregistry.azure.com/Registry":         asoACR,
	"AWS::ECR::Repository":                         stackECR,
	"ecr.aws.crossplane.io/Repository":             crossplaneECR,
}

// RegistryOf is the registry that an object describes, false where it is none.
func RegistryOf(o *manifest.Object) (Registry, bool) {
	adapter, o := adapterOf(registries, o)
	if adapter == nil {
		return Registry{}, false
	}
	r := adapter(o)
	r.Name = o.Name
	return r, r.Kind != ""
}

// ecrTags are the tags of an ECR repository, which can be moved unless it says
// otherwise.
func ecrTags(at manifest.Node) Setting {
	weak := at.Text() != "IMMUTABLE" && at.Text() != "IMMUTABLE_WITH_EXCLUSION"
	return mended(at, weak, "IMMUTABLE")
}

// registryReaders are the adapters of what opens a registry to readers.
var registryReaders = map[string]func(o *manifest.Object) []Setting{
	"aws_ecr_repository_policy":                       func(o *manifest.Object) []Setting { return public(o.Root.Get("policy")) },
	"aws_ecr_registry_policy":                         func(o *manifest.Object) []Setting { return public(o.Root.Get("policy")) },
	"google_artifact_registry_repository_iam_member":  terraformMembers,
	"google_artifact_registry_repository_iam_binding": terraformMembers,
	"azurerm_container_registry":                      anonymousPull,
	"aws_ecr_repository_creation_template":            func(o *manifest.Object) []Setting { return public(o.Root.Get("repository_policy")) },
	"module":                                          moduleReaders,
	"AWS::ECR::Repository":                            func(o *manifest.Object) []Setting { return public(o.Root.Get("Properties", "RepositoryPolicyText")) },
	"AWS::ECR::RegistryPolicy":                        func(o *manifest.Object) []Setting { return public(o.Root.Get("Properties", "PolicyText")) },
	"ecr.aws.crossplane.io/RepositoryPolicy":          crossplaneRepositoryPolicy,
	"containerregistry.azure.com/Registry":            asoAnonymousPull,
}

// RegistryWriters are the places where an object may let too many write to a
// registry. Each is weak where it does.
func RegistryWriters(o *manifest.Object) []Setting {
	adapter, o := adapterOf(registryWriters, o)
	if adapter == nil {
		return nil
	}
	return adapter(o)
}

// registryWriters are the adapters of what lets somebody write to a registry.
var registryWriters = map[string]func(o *manifest.Object) []Setting{
	"aws_ecr_repository_policy":                       func(o *manifest.Object) []Setting { return pushers(o.Root.Get("policy")) },
	"aws_ecr_registry_policy":                         func(o *manifest.Object) []Setting { return pushers(o.Root.Get("policy")) },
	"aws_ecr_repository_creation_template":            func(o *manifest.Object) []Setting { return pushers(o.Root.Get("repository_policy")) },
	"google_project_iam_member":                       projectWriters,
	"google_project_iam_binding":                      projectWriters,
	"google_folder_iam_member":                        projectWriters,
	"google_organization_iam_member":                  projectWriters,
	"google_artifact_registry_repository_iam_member":  repositoryWriters,
	"google_artifact_registry_repository_iam_binding": repositoryWriters,
	"azurerm_role_assignment":                         azureWriters,
	"module":                                          moduleWriters,
	"AWS::ECR::Repository":                            func(o *manifest.Object) []Setting { return pushers(o.Root.Get("Properties", "RepositoryPolicyText")) },
	"AWS::ECR::RegistryPolicy":                        func(o *manifest.Object) []Setting { return pushers(o.Root.Get("Properties", "PolicyText")) },
	// What everybody may pull by its nature still is not for everybody to write.
	"aws_ecrpublic_repository_policy": func(o *manifest.Object) []Setting { return pushers(o.Root.Get("policy")) },
	"AWS::ECR::PublicRepository":      func(o *manifest.Object) []Setting { return pushers(o.Root.Get("Properties", "RepositoryPolicyText")) },
}

// RegistryReaders are the places where an object may open a registry to
// everybody. Each is weak where it does.
func RegistryReaders(o *manifest.Object) []Setting {
	adapter, o := adapterOf(registryReaders, o)
	if adapter == nil {
		return nil
	}
	return adapter(o)
}

// public are the statements of a policy that allow everybody something without
// a condition.
func public(policy manifest.Node) []Setting {
	if policy.Unknown() {
		return []Setting{{At: policy, Weak: true, Who: "*"}}
	}
	var all []Setting
	for _, s := range Statements(policy) {
		if s.Unknown() {
			all = append(all, Setting{At: s.Node, Weak: true, Who: "*"})
			continue
		}
		everybody := s.Everybody()
		if !s.Allows() || s.surelyExcludes() || !everybody.Exists() {
			continue
		}
		all = append(all, Setting{At: firstUnknownOf(everybody, s.doubts()...), Weak: true, Who: "*"})
	}
	return all
}

// pushActions are the actions of ECR that change what a repository serves.
var pushActions = []string{"ecr:putimage", "ecr:initiatelayerupload", "ecr:uploadlayerpart", "ecr:completelayerupload", "ecr:batchdeleteimage"}

// publicActions are the same of ECR Public.
var publicActions = []string{"ecr-public:putimage", "ecr-public:initiatelayerupload", "ecr-public:uploadlayerpart", "ecr-public:completelayerupload", "ecr-public:batchdeleteimage"}

// pushers are the statements of a policy that let whole accounts, an
// organization or everybody write.
func pushers(policy manifest.Node) []Setting {
	var all []Setting
	for _, s := range Statements(policy) {
		if s.Unknown() {
			all = append(all, Setting{At: s.Node, Weak: true})
			continue
		}
		if !s.Allows() || !s.writes() {
			continue
		}
		for _, who := range s.broad() {
			all = append(all, Setting{At: firstUnknownOf(who, s.doubts()...), Weak: true, Who: who.Text()})
		}
	}
	return all
}

// writes says that the statement is about an action that writes; what nobody
// knows may be one.
func (s Statement) writes() bool {
	if s.Get("NotAction").Set() {
		return true
	}
	for _, action := range s.Texts("Action") {
		pattern := strings.ToLower(action.Text())
		for _, push := range slices.Concat(pushActions, publicActions) {
			if prefix, wild := strings.CutSuffix(pattern, "*"); pattern == push || wild && strings.HasPrefix(push, prefix) {
				return true
			}
		}
	}
	return false
}

// broad are the principals of a statement that are nobody in particular: whole
// accounts, or anybody, unless a condition says more than which organization.
func (s Statement) broad() []manifest.Node {
	for _, keys := range s.Get("Condition").Fields() {
		for key := range keys.Fields() {
			if key = strings.ToLower(key); key != "aws:principalorgid" && key != "aws:principalorgpaths" {
				return nil
			}
		}
	}
	var all []manifest.Node
	principal := s.Get("Principal")
	for _, at := range append(itemsOf(principal), Statement{Node: principal}.Texts("AWS")...) {
		if wholeOf(at.Text()) {
			all = append(all, at)
		}
	}
	return all
}

// wholeOf says that a principal is everybody, or all of an account.
func wholeOf(principal string) bool {
	return principal == "*" || strings.HasSuffix(principal, ":root") || len(principal) == 12 && strings.Trim(principal, "0123456789") == ""
}

// doubts are the conditions of a statement of which nobody knows whether they keep
// anybody out.
func (s Statement) doubts() []manifest.Node {
	condition := s.Get("Condition")
	all := []manifest.Node{condition}
	for _, keys := range condition.Fields() {
		all = append(all, keys)
	}
	return all
}

// surelyExcludes is Excludes by conditions that are known.
func (s Statement) surelyExcludes() bool {
	for operator, keys := range s.Get("Condition").Fields() {
		if !keys.Unknown() && !strings.HasPrefix(strings.ToLower(operator), "forallvalues:") {
			return true
		}
	}
	return false
}

func everyMember(at manifest.Node) []Setting {
	if at.Unknown() || at.Text() == "allUsers" || at.Text() == "allAuthenticatedUsers" {
		return []Setting{{At: at, Weak: true, Who: at.Text()}}
	}
	return nil
}
