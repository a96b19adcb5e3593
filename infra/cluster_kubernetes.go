package infra

import "github.com/rendergate/rendergate/render/manifest"

func eksctlCluster(o *manifest.Object) Cluster {
	vpc := o.Root.Get("vpc")
	return Cluster{
		Kind: "EKS cluster", Endpoint: reachable(vpc.Get("clusterEndpoints", "publicAccess"), vpc.Get("clusterEndpoints", "privateAccess"), vpc.Get("publicAccessCIDRs")),
		Audit:   audited(o.Root.Get("cloudWatch", "clusterLogging", "enableTypes")),
		Secrets: wanted(o.Root.Get("secretsEncryption", "keyARN")),
		Kept:    keptFor(o.Root.Get("cloudWatch", "clusterLogging", "logRetentionInDays")),
	}
}

// kopsCluster is only weak where it says so: what it leaves out is filled in
// when it is created.
func kopsCluster(o *manifest.Object) Cluster {
	for _, way := range [][]string{{"spec", "api", "access"}, {"spec", "kubernetesApiAccess"}} {
		if at := o.Root.Get(way...); at.Set() {
			return Cluster{Kind: "kOps cluster", Endpoint: Setting{At: at, Weak: open(at)}}
		}
	}
	return Cluster{}
}

func capaCluster(way ...string) func(o *manifest.Object) Cluster {
	return func(o *manifest.Object) Cluster {
		spec := o.Root.Get(way...)
		audit := spec.Get("logging", "audit")
		return Cluster{
			Kind: "EKS cluster", Endpoint: reachable(spec.Get("endpointAccess", "public"), spec.Get("endpointAccess", "private"), spec.Get("endpointAccess", "publicCIDRs")),
			Audit:   mended(audit, !audit.IsTrue(), "true"),
			Secrets: Setting{At: spec.Get("encryptionConfig", "resources"), Weak: !has(spec.Get("encryptionConfig", "resources"), "secrets")}.depending(spec.Get("encryptionConfig", "resources")),
		}
	}
}
