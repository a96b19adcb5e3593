package infra

import "github.com/rendergate/rendergate/render/manifest"

// crossplaneNodes reads what Crossplane launches; its blocks are lists.
func crossplaneNodes(o *manifest.Object) []Node {
	at := o.Root.Get("spec", "forProvider")
	options := block(at, "metadataOptions")
	n := Node{
		Metadata: sessionTokens(options.Get("httpTokens"), options.Get("httpEndpoint")),
		Hops:     explicit(options.Get("httpPutResponseHopLimit"), far, "1"),
	}
	for mapping := range at.Get("blockDeviceMappings").Items() {
		n.Disks = append(n.Disks, unencrypted(block(mapping, "ebs").Get("encrypted"), mapping.Get("deviceName").Text(), `"true"`))
	}
	for network := range at.Get("networkInterfaces").Items() {
		n.PublicIP = explicit(network.Get("associatePublicIpAddress"), isTrue, `"false"`)
	}
	return []Node{n}
}

// ackNodes reads what AWS Controllers for Kubernetes launch.
func ackNodes(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		at := o.Root.Get(way...)
		options := at.Get("metadataOptions")
		n := Node{
			Metadata: sessionTokens(options.Get("httpTokens"), options.Get("httpEndpoint")),
			Hops:     explicit(options.Get("httpPutResponseHopLimit"), far, "1"),
		}
		for mapping := range at.Get("blockDeviceMappings").Items() {
			n.Disks = append(n.Disks, unencrypted(mapping.Get("ebs", "encrypted"), mapping.Get("deviceName").Text(), "true"))
		}
		for network := range at.Get("networkInterfaces").Items() {
			n.PublicIP = explicit(network.Get("associatePublicIPAddress"), isTrue, "false")
		}
		return []Node{n}
	}
}

// configConnectorNodes reads node pools of GKE, and what a cluster says of its
// default pool.
func configConnectorNodes(o *manifest.Object) []Node {
	spec := o.Root.Get("spec")
	config := spec.Get("nodeConfig")
	n := Node{OS: Setting{At: config.Get("imageType"), Weak: general(config.Get("imageType").Text()), Who: config.Get("imageType").Text()}}
	guard := func(at manifest.Node, who string) {
		s := explicit(at, isFalse, "true")
		s.Who = who
		n.Boot = append(n.Boot, s)
	}
	guard(config.Get("shieldedInstanceConfig", "enableSecureBoot"), "secure boot")
	guard(config.Get("shieldedInstanceConfig", "enableIntegrityMonitoring"), "integrity monitoring")
	if config.Exists() {
		n.DiskKey = Setting{At: config, Weak: !config.Get("bootDiskKMSCryptoKeyRef").Set() && !config.Get("bootDiskKmsKey").Set()}
	}
	if o.Kind == "ContainerCluster" {
		guard(spec.Get("enableShieldedNodes"), "shielded nodes")
		n.PublicIP = explicit(spec.Get("privateClusterConfig", "enablePrivateNodes"), isFalse, "true")
	}
	return []Node{n}
}

// asoNodes reads a node pool of AKS.
func asoNodes(o *manifest.Object) []Node {
	spec := o.Root.Get("spec")
	host, family := spec.Get("enableEncryptionAtHost"), spec.Get("osSKU")
	return []Node{{
		Cache: mended(host, !isTrue(host), "true"), PublicIP: explicit(spec.Get("enableNodePublicIP"), isTrue, "false"),
		OS: Setting{At: family, Weak: family.Unknown() || general(family.Text()), Who: family.Text()},
	}}
}
