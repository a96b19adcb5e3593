package infra

import "github.com/rendergate/rendergate/render/manifest"

func eksctlCluster(o *manifest.Object) Cluster {
	vpc := o.Root.Get("vpc")
	return Cluster{
		Kind: "EKS cluster", Endpoint: reachable(vpc.Get("clusterEndpoints", "publicAccess"), vpc.Get("clusterEndpoints", "privateAccess"), vpc.Get("publicAccessCIDRs")),
		Audit:   audited(o.Root.Get("cloudWatch", "clusterLogging", "enableTypes")),
		Secrets: wanted(o.Root.Get("secretsEncryption", "keyARN")),
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

func ackEKS(o *manifest.Object) Cluster {
	vpc := o.Root.Get("spec", "resourcesVPCConfig")
	logging := o.Root.Get("spec", "logging", "clusterLogging")
	audit := Setting{At: logging, Weak: true}
	for item := range logging.Items() {
		if item.Get("enabled").IsTrue() && has(item.Get("types"), "audit") {
			audit.Weak = false
		}
		for _, n := range []manifest.Node{item.Get("enabled"), item.Get("types")} {
			if n.Undecided() {
				audit.At = n
			}
		}
	}
	return Cluster{Kind: "EKS cluster", Endpoint: reachable(vpc.Get("endpointPublicAccess"), vpc.Get("endpointPrivateAccess"), vpc.Get("publicAccessCIDRs")), Audit: audit,
		Secrets: ownKey(o.Root.Get("spec", "encryptionConfig"), "resources")}
}

func crossplaneEKS(o *manifest.Object) Cluster {
	spec := o.Root.Get("spec", "forProvider")
	vpc := block(spec, "vpcConfig")
	return Cluster{
		Kind: "EKS cluster", Endpoint: reachable(vpc.Get("endpointPublicAccess"), vpc.Get("endpointPrivateAccess"), vpc.Get("publicAccessCidrs")),
		Audit:   audited(spec.Get("enabledClusterLogTypes")),
		Secrets: ownKey(spec.Get("encryptionConfig"), "resources"),
	}
}

func configConnectorGKE(o *manifest.Object) Cluster {
	spec := o.Root.Get("spec")
	networks := spec.Get("masterAuthorizedNetworksConfig")
	state := spec.Get("databaseEncryption", "state")
	return Cluster{
		Kind: "GKE cluster", Endpoint: authorized(spec.Get("privateClusterConfig", "enablePrivateEndpoint"), networks, networks.Get("cidrBlocks"), "cidrBlock"),
		Logging: gkeLogging(spec.Get("loggingService"), spec.Get("loggingConfig", "enableComponents")),
		Secrets: Setting{At: state, Weak: state.Text() != "ENCRYPTED" && state.Text() != "ALL_OBJECTS_ENCRYPTION_ENABLED"},
	}
}

func asoAKS(o *manifest.Object) Cluster {
	access := o.Root.Get("spec", "apiServerAccessProfile")
	return Cluster{Kind: "AKS cluster", Endpoint: ranged(access.Get("enablePrivateCluster"), access.Get("authorizedIPRanges"))}
}
