package checks

import "github.com/rendergate/rendergate/render/manifest"

// precise are the checks that report each place by whatever decides about it,
// so that an unknown value here takes nothing from a finding there. A test holds
// that none of them fires over what nobody knows. Any other check proves nothing
// once it was led to an unknown value: wrong findings are the worse mistake.
var precise = map[string]bool{
	"control-plane-public":    true,
	"eks-audit-off":           true,
	"node-disk-unencrypted":   true,
	"node-extra-software":     true,
	"node-image-unpinned":     true,
	"node-imds-hops":          true,
	"node-imdsv1":             true,
	"node-lsm-off":            true,
	"node-os-general":         true,
	"node-public-ip":          true,
	"node-secret-in-userdata": true,
	"node-ssh":                true,
	"node-ssh-key":            true,
	"node-unshielded":         true,
	"node-version-eol":        true,
	"registry-public":         true,
	"registry-tag-mutable":    true,
	"cluster-admin-mapping":   true,
	"secrets-default-key":     true,
	"gke-logging-off":         true,
	"aks-audit-off":           true,
	"registry-admin-user":     true,
	"registry-public-network": true,
	"registry-push-broad":     true,
	"registry-scan-off":       true,
	"registry-node-write":     true,
	"node-disk-default-key":   true,
	"node-cache-unencrypted":  true,
	"iam-user-mapped":         true,
}

// wary runs a check over some objects.
func (p *Pass) wary(objects []*manifest.Object, run func(*Pass)) {
	if precise[p.rule.ID] {
		run(p)
		return
	}
	for _, o := range objects {
		o.ForgetUnknown()
	}
	before := len(p.findings)
	run(p)
	for _, o := range objects {
		if !o.MetUnknown() {
			continue
		}
		for i := range p.findings[before:] {
			p.findings[before+i].Doubt = Unprovable
		}
		return
	}
}
