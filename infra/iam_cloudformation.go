package infra

import "github.com/rendergate/rendergate/render/manifest"

// stackRole is a role, a user or a group, with its policies in it.
func stackRole(kind DeclaredKind, name string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		spec := o.Root.Get("Properties")
		var all IAM
		all.Declared = stackDeclared(o, kind, name)
		if trust, ok := policyAt(spec.Get("AssumeRolePolicyDocument")); ok {
			all.Trusts = append(all.Trusts, trust)
		}
		for item := range spec.Get("Policies").Items() {
			if p, ok := policyAt(item.Get("PolicyDocument")); ok {
				p.Name, p.User = item.Get("PolicyName").Text(), o.Kind == "AWS::IAM::User"
				all.Policies = append(all.Policies, p)
			}
		}
		for _, arn := range texts(spec.Get("ManagedPolicyArns")) {
			all.Attached = append(all.Attached, Attachment{Policy: arn, User: o.Kind == "AWS::IAM::User"})
		}
		if boundary := spec.Get("PermissionsBoundary"); boundary.Set() {
			all.Uses = append(all.Uses, boundary)
		}
		return all
	}
}

// stackDeclared is what others call a resource by: as functions refer to it, and
// the name that it gets.
func stackDeclared(o *manifest.Object, kind DeclaredKind, name string) []Declared {
	d := Declared{Kind: kind, At: o.Root, Names: []string{addressOf(o)}}
	if text := o.Root.Get("Properties", name).Text(); text != "" {
		d.Names = append(d.Names, text)
	}
	return []Declared{d}
}

// stackPolicy is a policy by itself, which names who has it.
func stackPolicy(managed bool) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		spec := o.Root.Get("Properties")
		var holders []manifest.Node
		for _, field := range []string{"Roles", "Groups", "Users"} {
			holders = append(holders, texts(spec.Get(field))...)
		}
		all := policies(spec.Get("PolicyDocument"), holders...)
		for i := range all.Policies {
			all.Policies[i].User = spec.Get("Users").Len() > 0
		}
		all.Uses = append(all.Uses, holders...)
		if managed && len(holders) == 0 {
			all.Declared = stackDeclared(o, APolicy, "ManagedPolicyName")
		}
		return all
	}
}

// stackInline is the only policy of its name that a role, a user or a group has.
func stackInline(holder string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		spec := o.Root.Get("Properties")
		all := policies(spec.Get("PolicyDocument"), spec.Get(holder))
		for i := range all.Policies {
			all.Policies[i].User = holder == "UserName"
		}
		return all
	}
}

func stackProfile(o *manifest.Object) IAM {
	var all IAM
	roles := texts(o.Root.Get("Properties", "Roles"))
	all.Declared = stackDeclared(o, AProfile, "InstanceProfileName")
	if len(roles) > 0 {
		all.Declared[0].Holds = roles[0]
	}
	all.Uses = roles
	return all
}

// stackKey is a key of a user's that does not expire.
func stackKey(o *manifest.Object) IAM {
	return keyOf(o.Root.Get("Properties", "UserName"), o.Root.Get("Properties", "Status"))
}

// stackMachines is a template of machines, as Terraform's.
func stackMachines(way ...string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		spec := o.Root.Get(way...)
		profile := spec.Get("IamInstanceProfile")
		if profile.IsMap() {
			profile = firstSet(profile.Get("Name"), profile.Get("Arn"))
		}
		if !joins(o, spec.Get("UserData")) {
			return IAM{Uses: []manifest.Node{profile}}
		}
		return IAM{Nodes: []manifest.Node{profile}}
	}
}

// stackNodeRole is the role of a node group.
func stackNodeRole(o *manifest.Object) IAM {
	return IAM{Nodes: []manifest.Node{o.Root.Get("Properties", "NodeRole")}}
}

// stackFunction is a function of SAM, whose role is made of what it lists:
// policies by their names, and statements.
func stackFunction(o *manifest.Object) IAM {
	var all IAM
	list := o.Root.Get("Properties", "Policies")
	for _, item := range texts(list) {
		switch {
		case item.Get("Statement").Exists() && item.IsMap():
			if p, ok := policyAt(item); ok {
				all.Policies = append(all.Policies, p)
			}
		case !item.IsMap():
			all.Attached = append(all.Attached, Attachment{Policy: item})
		}
	}
	if role := o.Root.Get("Properties", "Role"); role.Set() {
		all.Uses = append(all.Uses, role)
	}
	return all
}

// stackUse is a resource that runs as a role.
func stackUse(fields ...string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		return IAM{Uses: []manifest.Node{o.Root.Get("Properties").Get(fields...)}}
	}
}

func stackPermissionSet(o *manifest.Object) IAM {
	spec := o.Root.Get("Properties")
	all := policies(spec.Get("InlinePolicy"))
	for _, arn := range texts(spec.Get("ManagedPolicies")) {
		all.Attached = append(all.Attached, Attachment{Policy: arn})
	}
	return all
}

func stackPodIdentity(o *manifest.Object) []WorkloadIdentity {
	spec := o.Root.Get("Properties")
	return podIdentity(spec.Get("Namespace"), spec.Get("ServiceAccount"), spec.Get("RoleArn"))
}
