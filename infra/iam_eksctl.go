package infra

import "github.com/rendergate/rendergate/render/manifest"

// eksctlIAM are the policies of node groups and of the roles that service
// accounts get.
func eksctlIAM(o *manifest.Object) IAM {
	var all IAM
	for _, list := range []string{"nodeGroups", "managedNodeGroups"} {
		for group := range o.Root.Get(list).Items() {
			iam := group.Get("iam")
			for arn := range iam.Get("attachPolicyARNs").Items() {
				all.Attached = append(all.Attached, Attachment{Policy: arn, Nodes: true})
			}
			if p, ok := policyAt(iam.Get("attachPolicy")); ok {
				p.Name, p.Nodes = group.Get("name").Text(), true
				all.Policies = append(all.Policies, p)
			}
		}
	}
	for _, list := range [][2]string{{"serviceAccounts", "attachPolicyARNs"}, {"podIdentityAssociations", "permissionPolicyARNs"}} {
		for account := range o.Root.Get("iam", list[0]).Items() {
			for arn := range account.Get(list[1]).Items() {
				all.Attached = append(all.Attached, Attachment{Policy: arn})
			}
			for _, field := range []string{"attachPolicy", "permissionPolicy"} {
				if p, ok := policyAt(account.Get(field)); ok {
					p.Name = account.Get("metadata", "name").Text() + account.Get("serviceAccountName").Text()
					all.Policies = append(all.Policies, p)
				}
			}
		}
	}
	return all
}

// kopsIAM are the statements that kOps adds to what nodes run as.
func kopsIAM(o *manifest.Object) IAM {
	var all IAM
	for role, text := range o.Root.Get("spec", "additionalPolicies").Fields() {
		docs, err := text.Embedded(spaced(text.Text()))
		if err != nil || len(docs) != 1 {
			continue // kOps would refuse it as a whole
		}
		p := IAMPolicy{Name: role, At: text, Nodes: role == "node"}
		for item := range docs[0].Items() {
			p.Statements = append(p.Statements, Statement{item})
		}
		all.Policies = append(all.Policies, p)
	}
	for role, list := range o.Root.Get("spec", "externalPolicies").Fields() {
		for arn := range list.Items() {
			all.Attached = append(all.Attached, Attachment{Policy: arn, Nodes: role == "node"})
		}
	}
	return all
}

// capaNodeRole are the policies that a node group of Cluster API adds to its role.
func capaNodeRole(o *manifest.Object) IAM {
	spec := o.Root.Get("spec")
	all := IAM{Nodes: []manifest.Node{spec.Get("roleName")}}
	for arn := range spec.Get("roleAdditionalPolicies").Items() {
		all.Attached = append(all.Attached, Attachment{Policy: arn, Nodes: true})
	}
	return all
}
