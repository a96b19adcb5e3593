package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var storageUnencrypted = &Check{
	ID:       "storage-unencrypted",
	Title:    "Volumes of a storage class are not encrypted",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever gets at a volume or a snapshot of it has what the programs stored.",
	Fix:      "Set `parameters.encrypted: \"true\"`.",
	Source:   "CIS AWS Foundations 2.2.1; Amazon EBS CSI driver documentation, parameters",
	Aliases:  []string{"C-0264"},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		s, _ := infra.StorageOf(f.Node.Object())
		return s.Mends
	},
	Bad: `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: gp3}
provisioner: ebs.csi.aws.com
parameters:
  type: gp3 # want
`,
	Good: `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: gp3}
provisioner: ebs.csi.aws.com
parameters: {type: gp3, encrypted: "true"}
`,
	NearMiss: `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard}
provisioner: rancher.io/local-path
`,
	Run: func(p *Pass) {
		if s, ok := infra.StorageOf(p.Object); ok && s.Weak {
			p.Report(s.At, manifest.Subject{}, "volumes of storage class %q are not encrypted; parameters.encrypted true is expected", p.Object.Name)
		}
	},
}
