package checks

import "github.com/rendergate/rendergate/render/manifest"

// precise are the checks that report each place by whatever decides about it,
// so that an unknown value here takes nothing from a finding there. A test holds
// that none of them fires over what nobody knows. Any other check proves nothing
// once it was led to an unknown value: wrong findings are the worse mistake.
var precise = map[string]bool{
	"aks-audit-off":              true,
	"audit-log-maxage":           true,
	"cloud-identity-shared":      true,
	"cloud-role-broad":           true,
	"cloud-role-default-sa":      true,
	"cloud-role-escalation":      true,
	"cluster-admin-mapping":      true,
	"cluster-legacy-auth":        true,
	"cni-no-policy":              true,
	"control-plane-public":       true,
	"eks-audit-off":              true,
	"gke-logging-off":            true,
	"iam-access-key":             true,
	"iam-admin":                  true,
	"iam-privesc":                true,
	"iam-trust-account":          true,
	"iam-trust-wildcard":         true,
	"iam-unused":                 true,
	"iam-user":                   true,
	"iam-user-mapped":            true,
	"iam-user-policy":            true,
	"iam-wildcard-action":        true,
	"iam-wildcard-action-scoped": true,
	"iam-wildcard-resource":      true,
	"node-cache-unencrypted":     true,
	"node-default-sa":            true,
	"node-disk-default-key":      true,
	"node-disk-unencrypted":      true,
	"node-extra-software":        true,
	"node-image-unpinned":        true,
	"node-imds-hops":             true,
	"node-imdsv1":                true,
	"node-lsm-off":               true,
	"node-os-general":            true,
	"node-password-login":        true,
	"node-public-ip":             true,
	"node-rdp":                   true,
	"node-role-workload-perms":   true,
	"node-secret-in-userdata":    true,
	"node-ssh":                   true,
	"node-ssh-key":               true,
	"node-unshielded":            true,
	"node-version-eol":           true,
	"oidc-trust-any-ref":         true,
	"oidc-trust-broad":           true,
	"oidc-trust-no-audience":     true,
	"registry-admin-user":        true,
	"registry-default-key":       true,
	"registry-node-write":        true,
	"registry-public":            true,
	"registry-public-network":    true,
	"registry-push-broad":        true,
	"registry-scan-off":          true,
	"registry-tag-mutable":       true,
	"secrets-default-key":        true,
	"workload-identity-off":      true,
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
