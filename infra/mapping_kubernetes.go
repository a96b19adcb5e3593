package infra

import "github.com/rendergate/rendergate/render/manifest"

// awsAuth reads the lists that aws-auth holds: as text, or as Terraform encodes
// them. Text that is no list is what the authenticator would refuse as a whole; of
// one that nobody knows whole the known part counts.
func awsAuth(o *manifest.Object) []Mapping {
	if o.Name != "aws-auth" || o.Namespace != "kube-system" && o.Namespace != "" {
		return nil
	}
	data := o.Root.Get("data")
	var all []Mapping
	for _, field := range []string{"mapRoles", "mapUsers"} {
		text := data.Get(field)
		list := listIn(text)
		all = append(all, authItems(list, field == "mapUsers")...)
		if list.Unknown() {
			all = append(all, unlisted(list, field, field == "mapUsers"))
		}
	}
	return append(all, accountsOf(listIn(data.Get("mapAccounts")))...)
}

// unlisted is whoever may stand in a list that nobody knows.
func unlisted(list manifest.Node, name string, users bool) Mapping {
	return Mapping{ARN: "whoever " + name + " lists", At: list, Admin: list, Unclear: list, User: users}
}

// listIn is the list that a place holds or that its text is; the place itself
// where nobody knows it.
func listIn(at manifest.Node) manifest.Node {
	if at.IsList() {
		return at
	}
	known := at.Known()
	docs, err := known.Embedded(known.Text())
	switch {
	case at.Unknown() && (err != nil || len(docs) == 0 || !docs[0].IsList()):
		return at
	case err != nil || len(docs) == 0:
		return manifest.Node{}
	}
	return docs[0]
}

// authItems are the items of such a list: rolearn or userarn, and groups.
func authItems(list manifest.Node, users bool) []Mapping {
	var all []Mapping
	for item := range list.Items() {
		arn := firstSet(item.Get("userarn"), item.Get("rolearn"))
		m := mapped(arn, "an entry of aws-auth")
		m.User = users
		if item.Unknown() {
			m.unclear(item)
		}
		m.groups(item.Get("groups"))
		all = append(all, m)
	}
	return all
}

// accountsOf are accounts all of whose users and roles a cluster knows.
func accountsOf(list manifest.Node) []Mapping {
	if list.Unknown() {
		return []Mapping{{ARN: "accounts that nobody knows", User: true, At: list, Unclear: list}}
	}
	var all []Mapping
	for id := range list.Items() {
		all = append(all, Mapping{ARN: "account " + id.Partly(), User: true, At: id.Known()})
	}
	return all
}

// authenticatorMapping is an object of AWS IAM Authenticator.
func authenticatorMapping(o *manifest.Object) []Mapping {
	m := mapped(o.Root.Get("spec", "arn"), "the identity of "+o.Name)
	m.groups(o.Root.Get("spec", "groups"))
	return []Mapping{m}
}

// kopsMappings are the identities that kOps tells that program of.
func kopsMappings(o *manifest.Object) []Mapping {
	return identityMappings(o.Root.Get("spec", "authentication", "aws", "identityMappings"))
}

// identityMappings are a list of such identities.
func identityMappings(list manifest.Node) []Mapping {
	var all []Mapping
	for item := range list.Items() {
		m := mapped(item.Get("arn"), "an identity")
		m.groups(item.Get("groups"))
		all = append(all, m)
	}
	return all
}
