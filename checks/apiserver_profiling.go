package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverProfiling = &Check{
	ID:       "apiserver-profiling",
	Title:    "Profiling of the API server is on",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Profiles show what the program does inside, and asking for them costs it time.",
	Fix:      "Set `profiling` to false.",
	Source:   "CIS Kubernetes 1.2.15",
	Aliases:  []string{"CKV_K8S_90", "KCV-0018", "C-0129"},
	Mend:     mends(apiserverProfilingRules...),
	Bad: started("kube-apiserver", "--profiling # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    profiling: "true" # want
`,
	Good:     started("kube-apiserver", "--profiling=false"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverProfilingRules...),
}

var apiserverProfilingRules = []flagRule{
	{infra.APIServer, "profiling", holds("profiling", "true"), "false", "false"},
}
