package checks

import "github.com/rendergate/rendergate/render/manifest"

var gitopsImpersonationUnset = &Check{
	ID:       "gitops-impersonation-unset",
	Title:    "Flux applies with its own rights",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Off:      true,
	Why:      "Without a service account Flux applies as cluster-admin: whoever writes to the source may change the whole cluster.",
	Fix:      "Set `serviceAccountName` to an account that may do what the release needs; or start the controllers with `--default-service-account`.",
	Source:   "MITRE ATT&CK T1098; Flux documentation, Security, Multi-tenancy",
	Bad: `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop}
spec:
  path: ./shop # want
`,
	Good: `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop}
spec:
  path: ./shop
  serviceAccountName: shop
`,
	NearMiss: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: {name: shop}
`,
	Run: func(p *Pass) {
		switch p.Object.GroupKind() {
		case "kustomize.toolkit.fluxcd.io/Kustomization", "helm.toolkit.fluxcd.io/HelmRelease":
			if at := p.Object.Root.Get("spec", "serviceAccountName"); at.Text() == "" && !p.Object.Root.Get("spec", "kubeConfig").Set() {
				p.Report(at, manifest.Subject{}, "%s %q names no service account; one with the rights of the release is expected", p.Object.Kind, p.Object.Name)
			}
		}
	},
}
