package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var controllerManagerProfiling = &Check{
	ID:       "controller-manager-profiling",
	Title:    "Profiling of the controller manager is on",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Profiles show what the program does inside, and asking for them costs it time.",
	Fix:      "Set `profiling` to false.",
	Source:   "CIS Kubernetes 1.3.2",
	Aliases:  []string{"CKV_K8S_107", "KCV-0034", "C-0145"},
	Mend:     mends(controllerManagerProfilingRules...),
	Bad: started("kube-controller-manager", "--profiling # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
controllerManager:
  extraArgs:
    profiling: "true" # want
`,
	Good:     started("kube-controller-manager", "--profiling=false"),
	NearMiss: configured("controllerManager", `v: "2"`),
	Run:      judges(controllerManagerProfilingRules...),
}

var controllerManagerProfilingRules = []flagRule{
	{infra.ControllerManager, "profiling", holds("profiling", "true"), "false", "false"},
}
