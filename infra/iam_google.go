package infra

import "github.com/rendergate/rendergate/render/manifest"

func googleGrant(scope Scope, field string) func(o *manifest.Object) IAM {
	return func(o *manifest.Object) IAM {
		return IAM{Grants: []Grant{{
			Role: o.Root.Get("role"), Scope: scope, Within: o.Root.Get(field),
			Members: append(texts(o.Root.Get("member")), texts(o.Root.Get("members"))...),
		}}}
	}
}

// googlePolicy is the whole policy of a project or of a resource: which of them
// only its user says, and the basic roles are made for projects.
func googlePolicy(o *manifest.Object) IAM {
	var all IAM
	for item := range o.Root.Get("binding").Items() {
		all.Grants = append(all.Grants, Grant{Role: item.Get("role"), Scope: OfProject, Members: texts(item.Get("members"))})
	}
	return all
}

func googleAccount(o *manifest.Object) IAM {
	return IAM{Declared: declared(o, AServiceAccount, "account_id")}
}

// configConnectorScope is how much of a cloud a reference of Config Connector
// is about.
func configConnectorScope(at manifest.Node) Scope {
	switch at.Get("kind").Text() {
	case "Project":
		return OfProject
	case "Folder", "Organization":
		return OfOrganization
	}
	return OfResource
}

// namedBy is what a reference names: another object, or what lies outside.
func namedBy(at manifest.Node) manifest.Node { return firstSet(at.Get("external"), at.Get("name")) }

func configConnectorGrant(o *manifest.Object) IAM {
	spec := o.Root.Get("spec")
	return IAM{Grants: []Grant{{Role: spec.Get("role"), Scope: configConnectorScope(spec.Get("resourceRef")), Within: namedBy(spec.Get("resourceRef")), Members: texts(spec.Get("member"))}}}
}

func configConnectorPolicy(o *manifest.Object) IAM {
	var all IAM
	spec := o.Root.Get("spec")
	for item := range spec.Get("bindings").Items() {
		g := Grant{Role: item.Get("role"), Scope: configConnectorScope(spec.Get("resourceRef")), Within: namedBy(spec.Get("resourceRef"))}
		for member := range item.Get("members").Items() {
			if named := member.Get("member"); named.Set() {
				member = named
			}
			g.Members = append(g.Members, member)
		}
		all.Grants = append(all.Grants, g)
	}
	return all
}
