package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var schedulerProfiling = &Check{
	ID:       "scheduler-profiling",
	Title:    "Profiling of the scheduler is on",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Profiles show what the program does inside, and asking for them costs it time.",
	Fix:      "Set `profiling` to false.",
	Source:   "CIS Kubernetes 1.4.1",
	Aliases:  []string{"CKV_K8S_114", "KCV-0040", "C-0151"},
	Mend:     mends(schedulerProfilingRules...),
	Bad: started("kube-scheduler", "--profiling # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
scheduler:
  extraArgs:
    profiling: "true" # want
`,
	Good:     started("kube-scheduler", "--profiling=false"),
	NearMiss: configured("scheduler", `v: "2"`),
	Run:      judges(schedulerProfilingRules...),
}

var schedulerProfilingRules = []flagRule{
	{infra.Scheduler, "profiling", holds("profiling", "true"), "false", "false"},
}
