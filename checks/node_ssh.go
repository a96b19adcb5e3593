package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeSSH = &Check{
	ID:       "node-ssh",
	Title:    "Node lets the whole internet try SSH",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever has, guesses or steals a key is on the node.",
	Fix:      "Close the port and use Session Manager, or name who may come: `sourceSecurityGroupIds`, a range of addresses.",
	Source:   "MITRE ATT&CK T1133; AWS Foundational Security Best Practices, EKS",
	Aliases:  []string{"CKV_AWS_100", "AVD-AWS-0107"},
	Mend:     mendsSetting,
	Bad: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    ssh:
      allow: true # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  sshAccess:
    - 10.0.0.0/8
    - 0.0.0.0/0 # want
`,
	Good: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    ssh: {allow: true, sourceSecurityGroupIds: [sg-1]}
`,
	NearMiss: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    ssh: {enableSsm: true}
`,
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return n.SSH }, "lets everybody try SSH; none or a range of addresses is expected")
	},
}
