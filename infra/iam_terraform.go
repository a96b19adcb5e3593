package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// terraformDocument is a policy that a module writes down for others. What says
// who may become a role is the trust of one.
func terraformDocument(o *manifest.Object) IAM {
	all := policies(o.Root.Get("json"), manifest.Node{})
	for _, p := range all.Policies {
		if slices.ContainsFunc(p.Statements, Statement.assumed) {
			return IAM{Trusts: all.Policies}
		}
	}
	return all
}

// policies is what a place that holds one policy says.
func policies(at, holder manifest.Node) IAM {
	p, ok := policyAt(at)
	if !ok {
		return IAM{}
	}
	p.Holder = holder
	return IAM{Policies: []IAMPolicy{p}}
}

// declared is what a resource is called by others: by its address, and by the
// name that it gets.
func declared(o *manifest.Object, kind DeclaredKind, fields ...string) []Declared {
	d := Declared{Kind: kind, At: o.Root, Names: []string{addressOf(o)}}
	for _, field := range fields {
		if name := o.Root.Get(field).Partly(); name != "" {
			d.Names = append(d.Names, name)
		}
	}
	return []Declared{d}
}

func terraformPolicy(o *manifest.Object) IAM {
	all := policies(o.Root.Get("policy"), manifest.Node{})
	all.Declared = declared(o, APolicy, "name")
	return all
}

func terraformRole(o *manifest.Object) IAM {
	all := IAM{Declared: declared(o, ARole, "name")}
	if trust, ok := policyAt(o.Root.Get("assume_role_policy")); ok {
		all.Trusts = append(all.Trusts, trust)
	}
	inline := o.Root.Get("inline_policy")
	for item := range inline.Items() {
		if p, ok := policyAt(item.Get("policy")); ok {
			p.Name = item.Get("name").Text()
			all.Policies = append(all.Policies, p)
		}
	}
	for _, arn := range texts(o.Root.Get("managed_policy_arns")) {
		all.Attached = append(all.Attached, Attachment{Policy: arn})
	}
	return all
}

func terraformInline(policy, holder string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM { return policies(o.Root.Get(policy), o.Root.Get(holder)) }
}

func terraformAttachment(policy, holder string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		var all IAM
		for _, arn := range texts(o.Root.Get(policy)) {
			all.Attached = append(all.Attached, Attachment{Policy: arn, Holder: o.Root.Get(holder), User: holder == "user"})
		}
		return all
	}
}

func terraformAttachments(o *manifest.Object) IAM {
	var all IAM
	for _, field := range []string{"roles", "users", "groups"} {
		for _, holder := range texts(o.Root.Get(field)) {
			all.Attached = append(all.Attached, Attachment{Policy: o.Root.Get("policy_arn"), Holder: holder, User: field == "users"})
		}
	}
	return all
}

func terraformProfile(o *manifest.Object) IAM {
	all := IAM{Declared: declared(o, AProfile, "name")}
	all.Declared[0].Holds = o.Root.Get("role")
	all.Uses = append(all.Uses, o.Root.Get("role"))
	return all
}

func terraformNodeRole(field string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM { return IAM{Nodes: []manifest.Node{o.Root.Get(field)}} }
}

// terraformIAMModule reads the modules of the registry by their inputs.
func terraformIAMModule(o *manifest.Object) IAM {
	source := o.Root.Get("source").Text()
	switch {
	case moduleFrom(o, "terraform-aws-modules/eks/aws"):
		return eksModuleIAM(o)
	case strings.Contains(source, "terraform-aws-modules/eks/aws//modules/") && strings.HasSuffix(source, "-node-group"):
		return IAM{Attached: nodePolicies(o.Root)}
	case strings.Contains(source, "terraform-aws-modules/iam/aws//modules/"), strings.Contains(source, "terraform-aws-modules/terraform-aws-iam"):
		return iamModule(o)
	}
	return IAM{}
}

// eksModuleIAM are the policies that the module adds to what nodes run as.
func eksModuleIAM(o *manifest.Object) IAM {
	var all IAM
	for _, group := range []string{"eks_managed_node_group_defaults", "self_managed_node_group_defaults", "eks_managed_node_groups", "self_managed_node_groups"} {
		at := o.Root.Get(group)
		if strings.HasSuffix(group, "_defaults") {
			all.Attached = append(all.Attached, nodePolicies(at)...)
			continue
		}
		for _, one := range at.Fields() {
			all.Attached = append(all.Attached, nodePolicies(one)...)
		}
	}
	return all
}

func nodePolicies(group manifest.Node) []Attachment {
	var all []Attachment
	list := group.Get("iam_role_additional_policies")
	for _, arn := range list.Fields() {
		all = append(all, Attachment{Policy: arn, Nodes: true})
	}
	if list.IsList() {
		for arn := range list.Items() {
			all = append(all, Attachment{Policy: arn, Nodes: true})
		}
	}
	return all
}

// iamModule are the modules of terraform-aws-modules/iam that make roles and
// policies.
func iamModule(o *manifest.Object) IAM {
	all := policies(o.Root.Get("policy"), manifest.Node{})
	for _, field := range []string{"role_policy_arns", "policies", "custom_role_policy_arns", "custom_group_policy_arns", "policy_arns"} {
		list := o.Root.Get(field)
		for _, arn := range list.Fields() {
			all.Attached = append(all.Attached, Attachment{Policy: arn})
		}
		if list.IsList() {
			for _, arn := range texts(list) {
				all.Attached = append(all.Attached, Attachment{Policy: arn})
			}
		}
	}
	f := Federation{}
	for _, field := range []string{"subjects", "oidc_subjects", "oidc_fully_qualified_subjects"} {
		f.add(o.Root.Get(field), !strings.HasPrefix(field, "oidc_fully"))
	}
	for _, field := range []string{"oidc_subjects_with_wildcards", "oidc_wildcard_subjects"} {
		f.add(o.Root.Get(field), true)
	}
	if github := moduleIsGitHub(o); github {
		for i, s := range f.Subjects { // as the module does
			f.Subjects[i].Text = "repo:" + strings.TrimPrefix(s.Text, "repo:")
		}
	}
	f.accounts(o.Root)
	if len(f.Subjects) > 0 {
		f.Audience = f.Subjects[0].At // the module asks for it itself
		all.Vouched = append(all.Vouched, f)
	}
	return all
}

// moduleIsGitHub says that a call makes a role for workflows of GitHub, whose
// subjects need not say repo.
func moduleIsGitHub(o *manifest.Object) bool {
	return strings.Contains(o.Root.Get("source").Text(), "iam-github-oidc-role") || isTrue(o.Root.Get("enable_github_oidc"))
}

// add takes in the subjects of a list.
func (f *Federation) add(list manifest.Node, pattern bool) {
	for _, at := range texts(list) {
		f.Subjects = append(f.Subjects, Subject{At: at, Text: at.Partly(), Pattern: pattern})
	}
}

// accounts takes in the service accounts that the module for roles of service
// accounts lets in.
func (f *Federation) accounts(root manifest.Node) {
	pattern := !slices.Contains([]string{"", "StringEquals"}, root.Get("assume_role_condition_test").Text())
	for _, provider := range root.Get("oidc_providers").Fields() {
		for _, at := range texts(provider.Get("namespace_service_accounts")) {
			f.Subjects = append(f.Subjects, Subject{At: at, Text: "system:serviceaccount:" + at.Partly(), Pattern: pattern})
		}
	}
}
