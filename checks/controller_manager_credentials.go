package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var controllerManagerCredentials = &Check{
	ID:       "controller-manager-credentials",
	Title:    "All controllers act with the rights of one",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever gets at one controller has the rights of all.",
	Fix:      "Set `use-service-account-credentials` to true.",
	Source:   "CIS Kubernetes 1.3.3",
	Aliases:  []string{"CKV_K8S_108", "KCV-0035", "C-0146"},
	Mend:     mends(controllerManagerCredentialsRules...),
	Bad: started("kube-controller-manager", "--use-service-account-credentials=false # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
controllerManager:
  extraArgs:
    use-service-account-credentials: "false" # want
`,
	Good:     started("kube-controller-manager", "--use-service-account-credentials=true"),
	NearMiss: configured("controllerManager", `v: "2"`),
	Run:      judges(controllerManagerCredentialsRules...),
}

var controllerManagerCredentialsRules = []flagRule{
	{infra.ControllerManager, "use-service-account-credentials", holds("use-service-account-credentials", "false"), "true", "true"},
}
