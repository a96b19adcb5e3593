package infra

import "github.com/rendergate/rendergate/render/manifest"

// capgMachine reads the machines of Cluster API's provider for Google Cloud.
// Source: its API, v1beta1.
func capgMachine(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		spec := o.Root.Get(way...)
		n := Node{PublicIP: explicit(spec.Get("publicIP"), isTrue, "false")}
		guard := spec.Get("shieldedInstanceConfig")
		for _, part := range [][2]string{{"secureBoot", "secure boot"}, {"virtualizedTrustedPlatformModule", "virtual TPM"}, {"integrityMonitoring", "integrity monitoring"}} {
			n.Boot = append(n.Boot, explicit(guard.Get(part[0]), isDisabled, "Enabled").about(part[1]))
		}
		return []Node{n}
	}
}

func isDisabled(at manifest.Node) bool { return at.Text() == "Disabled" }

// capgPool is a node pool of GKE.
func capgPool(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		spec := o.Root.Get(way...)
		var n Node
		security := spec.Get("nodeSecurity")
		n.Boot = append(n.Boot, explicit(security.Get("enableSecureBoot"), isFalse, "true").about("secure boot"),
			explicit(security.Get("enableIntegrityMonitoring"), isFalse, "true").about("integrity monitoring"))
		image := spec.Get("imageType")
		n.OS = Setting{At: image, Weak: image.Unknown() || general(image.Text()), Who: image.Text()}
		return []Node{n}
	}
}

// capgCluster is a cluster of GKE, reached by everybody unless it names networks
// or has no public endpoint.
func capgCluster(way ...string) func(o *manifest.Object) Cluster {
	return func(o *manifest.Object) Cluster {
		spec := o.Root.Get(way...)
		networks := firstSet(spec.Get("master_authorized_networks_config"), spec.Get("masterAuthorizedNetworksConfig"), spec.Get("master_authorized_networks_config"))
		private := spec.Get("clusterNetwork", "privateCluster", "enablePrivateEndpoint")
		c := Cluster{Kind: "GKE cluster", Endpoint: authorized(private, networks, networks.Get("cidr_blocks"), "cidr_block")}
		if service := spec.Get("loggingService"); service.Set() {
			c.Logging = gkeLogging(service, manifest.Node{})
		}
		return c
	}
}

// capgLogins are those of a cluster of GKE.
func capgLogins(way ...string) func(o *manifest.Object) Logins {
	return func(o *manifest.Object) Logins {
		spec := o.Root.Get(way...)
		auto, pool := spec.Get("enableAutopilot"), spec.Get("clusterSecurity", "workloadIdentityConfig", "workloadPool")
		if isTrue(auto) {
			return Logins{}
		}
		return Logins{Workload: []Setting{wanted(pool).depending(auto)}}
	}
}
