package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var insecureRegistry = &Check{
	ID:       "insecure-registry",
	Title:    "Nodes do not check who serves their images",
	Severity: High,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "Whoever is in between gives the nodes images of his own.",
	Fix:      "Use https and the certificate authority of the registry (`tls.ca`, `ca_file`), not `insecureSkipVerify`.",
	Source:   "NSA Kubernetes Hardening Guidance; NIST SP 800-190, 4.2.1",
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		for _, m := range infra.Mirrors(f.Node.Object()) {
			if m.At.Path() == f.Node.Path() {
				return m.Mends
			}
		}
		return nil
	},
	Bad: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      files:
        - path: /etc/containerd/certs.d/registry.example.com/hosts.toml
          content: | # want
            server = "https://registry.example.com"
            [host."https://registry.example.com"]
            skip_verify = true
`,
	Good: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      files:
        - path: /etc/containerd/certs.d/registry.example.com/hosts.toml
          content: |
            server = "https://registry.example.com"
            [host."https://registry.example.com"]
            ca = "/etc/ca.pem"
`,
	NearMiss: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      files:
        - path: /etc/containerd/certs.d/cache/hosts.toml
          content: |
            server = "http://127.0.0.1:5000"
`,
	Run: func(p *Pass) {
		for _, m := range infra.Mirrors(p.Object) {
			p.Report(m.At, manifest.Subject{Class: m.Host + " " + m.Insecure}, "nodes do not check who serves images of %s: %s; https with a certificate that is checked is expected", m.Host, m.Insecure)
		}
	},
}
