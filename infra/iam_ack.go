package infra

import "github.com/rendergate/rendergate/render/manifest"

// ackRole and ackPolicy are those of AWS Controllers for Kubernetes, whose
// policies are texts.
func ackRole(o *manifest.Object) IAM {
	spec := o.Root.Get("spec")
	all := IAM{Declared: []Declared{{Kind: ARole, At: o.Root, Names: calledBy(o.Name, spec.Get("name").Text())}}}
	if trust, ok := policyAt(spec.Get("assumeRolePolicyDocument")); ok {
		all.Trusts = append(all.Trusts, trust)
	}
	for name, at := range spec.Get("inlinePolicies").Fields() {
		if p, ok := policyAt(at); ok {
			p.Name = name
			all.Policies = append(all.Policies, p)
		}
	}
	for _, arn := range texts(spec.Get("policies")) {
		all.Attached = append(all.Attached, Attachment{Policy: arn})
	}
	for ref := range spec.Get("policyRefs").Items() {
		all.Attached = append(all.Attached, Attachment{Policy: ref.Get("from", "name")})
	}
	return all
}

func ackPolicy(o *manifest.Object) IAM {
	all := policies(o.Root.Get("spec", "policyDocument"), manifest.Node{})
	all.Declared = []Declared{{Kind: APolicy, At: o.Root, Names: calledBy(o.Name, o.Root.Get("spec", "name").Text())}}
	return all
}

// calledBy are the names that are not empty.
func calledBy(names ...string) []string {
	var all []string
	for _, name := range names {
		if name != "" {
			all = append(all, name)
		}
	}
	return all
}
