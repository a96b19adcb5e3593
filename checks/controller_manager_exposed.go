package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var controllerManagerExposed = &Check{
	ID:       "controller-manager-exposed",
	Title:    "Controller manager listens to the network",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Its metrics and profiles are for the node alone; in the network anybody may try them.",
	Fix:      "Set `bind-address` to 127.0.0.1.",
	Source:   "CIS Kubernetes 1.3.7",
	Aliases:  []string{"CKV_K8S_113", "KCV-0039", "C-0150"},
	Mend:     mends(controllerManagerExposedRules...),
	Bad: started("kube-controller-manager", "--bind-address=0.0.0.0 # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
controllerManager:
  extraArgs:
    bind-address: 0.0.0.0 # want
`,
	Good:     started("kube-controller-manager", "--bind-address=127.0.0.1"),
	NearMiss: configured("controllerManager", `v: "2"`),
	Run:      judges(controllerManagerExposedRules...),
}

var controllerManagerExposedRules = []flagRule{
	{infra.ControllerManager, "bind-address", exposed, "127.0.0.1", "127.0.0.1"},
}
