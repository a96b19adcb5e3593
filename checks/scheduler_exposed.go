package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var schedulerExposed = &Check{
	ID:       "scheduler-exposed",
	Title:    "Scheduler listens to the network",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Its metrics and profiles are for the node alone; in the network anybody may try them.",
	Fix:      "Set `bind-address` to 127.0.0.1.",
	Source:   "CIS Kubernetes 1.4.2",
	Aliases:  []string{"CKV_K8S_115", "KCV-0041", "C-0152"},
	Mend:     mends(schedulerExposedRules...),
	Bad: started("kube-scheduler", "--bind-address=0.0.0.0 # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
scheduler:
  extraArgs:
    bind-address: 0.0.0.0 # want
`,
	Good:     started("kube-scheduler", "--bind-address=127.0.0.1"),
	NearMiss: configured("scheduler", `v: "2"`),
	Run:      judges(schedulerExposedRules...),
}

var schedulerExposedRules = []flagRule{
	{infra.Scheduler, "bind-address", exposed, "127.0.0.1", "127.0.0.1"},
}
