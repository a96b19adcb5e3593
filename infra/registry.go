package infra

import "github.com/rendergate/rendergate/render/manifest"

// Registry is a repository that images are pulled from.
type Registry struct {
	Kind, Name string
	Tags       Setting // whether a tag can be moved to another image; a zero place says nothing
	Scan       Setting // whether images are not scanned when they are pushed
	Admin      Setting // whether it has an account that everybody who knows its password shares
	Network    Setting // whether it answers everybody's network
}

// registries are the adapters, by what describes a registry.
var registries = map[string]func(o *manifest.Object) Registry{
	"aws_ecr_repository":                  terraformECR,
	"module":                              terraformECRModule,
	"google_artifact_registry_repository": terraformArtifactRegistry,
	"AWS::ECR::Repository":                stackECR,
	"ecr.aws.crossplane.io/Repository":    crossplaneECR,
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
	"AWS::ECR::Repository":                            func(o *manifest.Object) []Setting { return public(o.Root.Get("Properties", "RepositoryPolicyText")) },
	"AWS::ECR::RegistryPolicy":                        func(o *manifest.Object) []Setting { return public(o.Root.Get("Properties", "PolicyText")) },
	"ecr.aws.crossplane.io/RepositoryPolicy":          crossplaneRepositoryPolicy,
	"containerregistry.azure.com/Registry":            asoAnonymousPull,
	"iam.cnrm.cloud.google.com/IAMPolicyMember":       configConnectorMember,
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
var registryWriters = map[string]func(o *manifest.Object) []Setting{}

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
		if s.At.Unknown() {
			all = append(all, Setting{At: s.At, Weak: true, Who: "*"})
			continue
		}
		everybody := s.Everybody()
		if !s.Allows() || s.Get("Condition").Set() || !everybody.Exists() {
			continue
		}
		at := s.At
		if s.Exact {
			at = everybody
		}
		all = append(all, Setting{At: at, Weak: true, Who: "*"})
	}
	return all
}

func everyMember(at manifest.Node) []Setting {
	if at.Unknown() || at.Text() == "allUsers" || at.Text() == "allAuthenticatedUsers" {
		return []Setting{{At: at, Weak: true, Who: at.Text()}}
	}
	return nil
}
