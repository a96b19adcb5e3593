package infra

import (
	"path"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// NodeRoleWriters are the places where an object lets the role of nodes write to
// registries. Of a role it has to be known that machines or AKS have it: among
// all objects is what says so.
func NodeRoleWriters(all []*manifest.Object, o *manifest.Object) []Setting {
	switch o.GroupKind() {
	case "aws_iam_role_policy_attachment":
		if role, known := referred(all, o.Root.Get("role")); known && ofMachines(role) {
			return pushPolicy(o.Root.Get("policy_arn"))
		}
	case "aws_iam_role":
		if ofMachines(o) {
			return pushPolicies(o.Root.Get("managed_policy_arns"))
		}
	case "azurerm_role_assignment":
		to, refers := o.Root.Get("principal_id").Refers()
		if role := o.Root.Get("role_definition_name"); refers && to.Kind == "azurerm_kubernetes_cluster" && role.Text() == "AcrPush" {
			return []Setting{mended(role, true, "AcrPull").about("AcrPush")}
		}
	}
	return nil
}

// referred is the object that a value refers to, or names.
func referred(all []*manifest.Object, at manifest.Node) (*manifest.Object, bool) {
	to, refers := at.Refers()
	for _, o := range all {
		named := o.Kind == "aws_iam_role" && at.Text() != "" && o.Root.Get("name").Text() == at.Text()
		if refers && to.Kind == o.Kind && bare(to.Name) == bare(o.Name) || named {
			return o, true
		}
	}
	return nil, false
}

// ofMachines says that a role of Amazon's is one that machines take on.
func ofMachines(role *manifest.Object) bool {
	for _, s := range Statements(role.Root.Get("assume_role_policy")) {
		for _, service := range (Statement{Node: s.Get("Principal")}).Texts("Service") {
			if strings.HasPrefix(service.Text(), "ec2.amazonaws.com") {
				return true
			}
		}
	}
	return false
}

// RegistryScan says that a scanning configuration among all objects makes the
// registry of another one be scanned; else the place where it could, which is
// unknown where nobody can tell.
func RegistryScan(all []*manifest.Object, registry *manifest.Object) (at manifest.Node, scanned bool) {
	name := firstSet(registry.Root.Get("name"), registry.Root.Get("repository_name"))
	for _, o := range all {
		if o.GroupKind() != "aws_ecr_registry_scanning_configuration" {
			continue
		}
		at = o.Root.Get("rule")
		for rule := range at.Items() {
			if rule.HasUnknown() || name.Unknown() {
				at = firstUnknownOf(rule, rule.Get("scan_frequency"), rule.Get("repository_filter"), name)
			}
			if frequency := rule.Get("scan_frequency").Text(); frequency != "SCAN_ON_PUSH" && frequency != "CONTINUOUS_SCAN" {
				continue
			}
			for filter := range rule.Get("repository_filter").Items() {
				pattern := filter.Get("filter")
				if matched, err := path.Match(strings.ReplaceAll(pattern.Text(), "/", "|"), strings.ReplaceAll(name.Text(), "/", "|")); pattern.Text() == "*" || err == nil && matched {
					return pattern, true
				}
				at = firstUnknownOf(at, pattern)
			}
		}
	}
	return at, false
}

// firstUnknownOf is the first of some places that nobody knows, else the first
// of them.
func firstUnknownOf(at manifest.Node, others ...manifest.Node) manifest.Node {
	for _, n := range append([]manifest.Node{at}, others...) {
		if n.Unknown() {
			return n
		}
	}
	return at
}
