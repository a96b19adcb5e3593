package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// ackRole is a role, a user or a group of AWS Controllers for Kubernetes, which
// names policies by their ARNs or by other objects.
func ackRole(kind DeclaredKind) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		spec := o.Root.Get("spec")
		var all IAM
		all.Declared = ackDeclared(o, kind)
		if trust, ok := policyAt(spec.Get("assumeRolePolicyDocument")); ok {
			all.Trusts = append(all.Trusts, trust)
		}
		for name, at := range spec.Get("inlinePolicies").Fields() {
			if p, ok := policyAt(at); ok {
				p.Name, p.User = name, o.Kind == "User"
				all.Policies = append(all.Policies, p)
			}
		}
		for _, arn := range texts(spec.Get("policies")) {
			all.Attached = append(all.Attached, Attachment{Policy: arn, User: o.Kind == "User"})
		}
		for item := range spec.Get("policyRefs").Items() {
			all.Uses = append(all.Uses, item.Get("from", "name"))
		}
		return all
	}
}

// ackDeclared is what others call an object by: its own name, and the one that
// it has at Amazon.
func ackDeclared(o *manifest.Object, kind DeclaredKind) []Declared {
	d := Declared{Kind: kind, At: o.Root, Names: []string{addressOf(o), o.Name}}
	if name := o.Root.Get("spec", "name").Text(); name != "" {
		d.Names = append(d.Names, name)
	}
	return []Declared{d}
}

func ackPolicy(o *manifest.Object) IAM {
	all := policies(o.Root.Get("spec", "policyDocument"))
	all.Declared = ackDeclared(o, APolicy)
	return all
}

// ackNodeRole is the role of a node group, by its ARN or by another object.
func ackNodeRole(o *manifest.Object) IAM {
	spec := o.Root.Get("spec")
	return IAM{Nodes: []manifest.Node{firstSet(spec.Get("nodeRole"), spec.Get("nodeRoleRef", "from", "name"))}}
}

// karpenterNodeRole is the role, or the profile that holds it, of the nodes that
// Karpenter launches.
func karpenterNodeRole(o *manifest.Object) IAM {
	spec := o.Root.Get("spec")
	return IAM{Nodes: []manifest.Node{firstSet(spec.Get("role"), spec.Get("instanceProfile"))}}
}

// seenIAM adds to what another source's adapter reads of an object of Kubernetes
// what such objects have of their own: their names, and references to each other.
func seenIAM(o *manifest.Object, all IAM) IAM {
	for i := range all.Declared {
		all.Declared[i].Names = append(all.Declared[i].Names, o.Name)
	}
	all.Uses = append(all.Uses, references(o.Root.Get("spec"), 0)...)
	return all
}

// references are the names of other objects below a node: what stands in fields
// that end in Ref and Refs.
func references(n manifest.Node, depth int) []manifest.Node {
	const deepest = 8
	if depth > deepest {
		return nil
	}
	var all []manifest.Node
	for key, value := range n.Fields() {
		switch {
		case strings.HasSuffix(key, "Ref"):
			all = append(all, firstSet(value.Get("name"), value.Get("external")))
		case strings.HasSuffix(key, "Refs"):
			for item := range value.Items() {
				all = append(all, firstSet(item.Get("name"), item.Get("external")))
			}
		default:
			all = append(all, references(value, depth+1)...)
		}
	}
	for item := range n.Items() {
		all = append(all, references(item, depth+1)...)
	}
	return all
}
