package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeUnshielded = &Check{
	ID:       "node-unshielded",
	Title:    "Start of a node is not guarded",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Who changed the kernel or what starts before it is not noticed.",
	Fix:      "Leave shielded nodes, secure boot and integrity monitoring on.",
	Source:   "CIS GKE 5.5.5, 5.5.6, 5.5.7",
	Aliases:  []string{"CKV_GCP_68", "CKV_GCP_71", "CKV_GCP_72", "AVD-GCP-0055"},
	Mend:     mendsSetting,
	Bad: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  nodeConfig:
    shieldedInstanceConfig:
      enableSecureBoot: false # want
`,
	Good: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  nodeConfig: {shieldedInstanceConfig: {enableSecureBoot: true}}
`,
	NearMiss: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  enableAutopilot: true
  nodeConfig: {machineType: e2-medium}
`,
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return n.Boot }, "starts unguarded; the guard is expected to be on")
	},
}
