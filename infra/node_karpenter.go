package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// karpenterNodes reads a class of Karpenter, which asks for tokens by itself.
func karpenterNodes(o *manifest.Object) []Node {
	spec := o.Root.Get("spec")
	n := Node{
		Metadata: explicit(spec.Get("metadataOptions", "httpTokens"), notRequired, "required"),
		Hops:     explicit(spec.Get("metadataOptions", "httpPutResponseHopLimit"), far, "1"),
		PublicIP: explicit(spec.Get("associatePublicIPAddress"), isTrue, "false"),
		OS:       Setting{At: spec.Get("amiFamily"), Weak: general(spec.Get("amiFamily").Text()), Who: spec.Get("amiFamily").Text()},
	}
	for mapping := range spec.Get("blockDeviceMappings").Items() {
		n.Disks = append(n.Disks, unencrypted(mapping.Get("ebs", "encrypted"), mapping.Get("deviceName").Text(), "true"))
	}
	for term := range spec.Get("amiSelectorTerms").Items() {
		alias := term.Get("alias")
		family, version, _ := strings.Cut(alias.Text(), "@")
		n.Images = append(n.Images, Setting{At: alias, Weak: version == "latest", Who: alias.Text()})
		if !n.OS.At.Set() && family != "" {
			n.OS = Setting{At: alias, Weak: general(family), Who: family}
		}
	}
	return []Node{n}
}
