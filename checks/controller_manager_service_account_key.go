package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var controllerManagerServiceAccountKey = &Check{
	ID:       "controller-manager-service-account-key",
	Title:    "Controller manager has no key for service accounts",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Keys cannot be changed one after the other.",
	Fix:      "Set `service-account-private-key-file`.",
	Source:   "CIS Kubernetes 1.3.4",
	Aliases:  []string{"CKV_K8S_110", "KCV-0036", "C-0147"},
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-controller-manager, namespace: kube-system}
spec:
  containers:
    - name: kube-controller-manager
      image: registry.k8s.io/kube-controller-manager:v1.34.0
      command: [kube-controller-manager, --v=2] # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: kube-controller-manager, namespace: kube-system}
spec:
  containers:
    - name: kube-controller-manager
      image: registry.k8s.io/kube-controller-manager:v1.34.0
      command:
        - kube-controller-manager
        - --service-account-private-key-file=/pki/x
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
controllerManager:
  extraArgs:
    v: "2"
`,
	Run: judges(controllerManagerServiceAccountKeyRules...),
}

var controllerManagerServiceAccountKeyRules = []flagRule{
	{infra.ControllerManager, "service-account-private-key-file", missing("service-account-private-key-file"), "a file", ""},
}
