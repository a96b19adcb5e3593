package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// terraformDocument is a policy that a module writes down for others. What says
// who may become a role is the trust of one.
func terraformDocument(o *manifest.Object) IAM {
	all := policies(o.Root.Get("json"))
	for _, p := range all.Policies {
		if slices.ContainsFunc(p.Statements, Statement.assumed) {
			return IAM{Trusts: all.Policies}
		}
	}
	return all
}

// policies is what a place that holds one policy says, with who has it.
func policies(at manifest.Node, holders ...manifest.Node) IAM {
	p, ok := policyAt(at)
	if !ok {
		return IAM{}
	}
	p.Holders = holders
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
	all := policies(o.Root.Get("policy"))
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
	return func(o *manifest.Object) IAM {
		all := policies(o.Root.Get(policy), o.Root.Get(holder))
		for i := range all.Policies {
			all.Policies[i].User = holder == "user"
		}
		return all
	}
}

func terraformAttachment(policy, holder string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		var all IAM
		for _, arn := range texts(o.Root.Get(policy)) {
			all.Attached = append(all.Attached, Attachment{Policy: arn, Holder: o.Root.Get(holder), User: strings.HasPrefix(holder, "user")})
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

// terraformHolder is an identity of which others say what it may do.
func terraformHolder(kind DeclaredKind) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM { return IAM{Declared: declared(o, kind, "name")} }
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

// terraformKey is a key of a user's that does not expire. Crossplane may name
// another object.
func terraformKey(o *manifest.Object) IAM {
	status := o.Root.Get("status")
	return keyOf(firstSet(o.Root.Get("user_ref", "name"), o.Root.Get("user")), status)
}

// keyOf is a key of a user, unless it is switched off.
func keyOf(user, status manifest.Node) IAM {
	switch {
	case status.Text() == "Inactive":
		return IAM{}
	case status.Unknown():
		return IAM{Keys: []manifest.Node{status}}
	}
	return IAM{Keys: []manifest.Node{user}}
}

// terraformMachines is a template of machines: what they run as matters where they
// join a cluster.
func terraformMachines(o *manifest.Object) IAM {
	profile := o.Root.Get("iam_instance_profile")
	if !profile.IsMap() && profile.Text() == "" && !profile.Unknown() {
		profile = block(o.Root, "iam_instance_profile")
		profile = firstSet(profile.Get("name"), profile.Get("arn"))
	}
	if !joins(o, o.Root.Get("user_data")) {
		return IAM{Uses: []manifest.Node{profile}}
	}
	return IAM{Nodes: []manifest.Node{profile}}
}

// joining are words of what makes a machine a node of a cluster: the programs of
// Amazon's images, Bottlerocket's settings, kubeadm.
var joining = []string{"/etc/eks/bootstrap.sh", "nodeadm", "node.eks.aws", "settings.kubernetes", "kubeadm join", "Start-EKSBootstrap"}

// joins says that a machine becomes a node when it starts.
func joins(o *manifest.Object, data manifest.Node) bool {
	texts := []string{data.Partly()}
	for _, s := range StartUps(o) {
		for _, text := range s.Texts {
			texts = append(texts, text.Text)
		}
	}
	return slices.ContainsFunc(texts, func(text string) bool {
		return slices.ContainsFunc(joining, func(word string) bool { return strings.Contains(text, word) })
	})
}

// terraformIAMModule reads the modules of the registry by their inputs.
func terraformIAMModule(o *manifest.Object) IAM {
	source := o.Root.Get("source").Text()
	switch inner, below := moduleBelow(o, eksModule); {
	case below && inner == "karpenter":
		return nodePolicies(o.Root, "node_iam_role_additional_policies", "iam_role_additional_policies")
	case moduleFrom(o, eksModule):
		all := nodePolicies(o.Root, "node_iam_role_additional_policies", "workers_additional_policies")
		for _, group := range moduleGroups(o) {
			all = all.and(nodePolicies(group, "iam_role_additional_policies"))
		}
		return all
	case below && strings.HasSuffix(inner, "node-group"):
		return nodePolicies(o.Root, "iam_role_additional_policies")
	case strings.Contains(source, "terraform-aws-modules/iam/aws//modules/"), strings.Contains(source, "terraform-aws-modules/terraform-aws-iam"):
		return iamModule(o)
	}
	return IAM{}
}

func (i IAM) and(other IAM) IAM {
	i.Attached, i.Policies = append(i.Attached, other.Attached...), append(i.Policies, other.Policies...)
	return i
}

// nodePolicies are the policies that inputs of a module add to what nodes run as.
func nodePolicies(group manifest.Node, inputs ...string) IAM {
	var all IAM
	for _, input := range inputs {
		list := group.Get(input)
		for _, arn := range list.Fields() {
			all.Attached = append(all.Attached, Attachment{Policy: arn, Nodes: true})
		}
		for arn := range list.Items() {
			all.Attached = append(all.Attached, Attachment{Policy: arn, Nodes: true})
		}
	}
	if statements := group.Get("iam_role_policy_statements"); statements.Len() > 0 {
		all.Policies = append(all.Policies, IAMPolicy{Name: "iam_role_policy_statements", At: statements, Nodes: true})
	}
	return all
}

// iamModule are the modules of terraform-aws-modules/iam that make roles and
// policies.
func iamModule(o *manifest.Object) IAM {
	all := policies(o.Root.Get("policy"))
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
