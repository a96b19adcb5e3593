package infra

import "github.com/rendergate/rendergate/render/manifest"

func stackEKS(o *manifest.Object) Cluster {
	spec := o.Root.Get("Properties")
	vpc := spec.Get("ResourcesVpcConfig")
	return Cluster{
		Kind:     "EKS cluster",
		Endpoint: reachable(vpc.Get("EndpointPublicAccess"), vpc.Get("EndpointPrivateAccess"), vpc.Get("PublicAccessCidrs")),
		Audit:    stackAudit(spec.Get("Logging", "ClusterLogging", "EnabledTypes")),
		Secrets:  ownKey(spec.Get("EncryptionConfig"), "Resources", "Provider"),
	}
}

// stackEKSLogs is the group of logs of a control plane, by its name.
func stackEKSLogs(o *manifest.Object) Cluster {
	spec := o.Root.Get("Properties")
	if !ofControlPlane(spec.Get("LogGroupName").Partly()) {
		return Cluster{}
	}
	return Cluster{Kind: "log group of an EKS cluster", Kept: keptFor(spec.Get("RetentionInDays"))}
}

// stackAudit is audited for a list of types that are mappings.
func stackAudit(list manifest.Node) Setting {
	s := Setting{At: list, Weak: true, Mends: []manifest.Edit{manifest.AppendTo(list, "{Type: audit}")}}
	for item := range list.Items() {
		typ := item.Get("Type")
		switch {
		case typ.Text() == "audit":
			s.Weak = false
		case typ.Unknown():
			s.At = typ
		}
	}
	return s
}

// ownKey is whether EKS encrypts secrets with no key of one's own: the list of
// what is encrypted has to name them.
func ownKey(list manifest.Node, field, key string) Setting {
	s := Setting{At: list, Weak: true}
	for item := range list.Items() {
		names := item.Get(field)
		switch {
		case has(names, "secrets") && key != "" && !item.Get(key).Set():
			s.At = item // AWS refuses it, or encrypts with a key of its own
		case has(names, "secrets"):
			s.Weak = false
		case names.Undecided():
			s.At = names
		}
	}
	return s
}
