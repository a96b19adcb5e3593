package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverKubeletHttpsOff = &Check{
	ID:       "apiserver-kubelet-https-off",
	Title:    "API server talks to kubelets without encryption",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Commands, logs and secrets pass the network in clear text.",
	Fix:      "Take the flag away; Kubernetes 1.22 and later no longer know it.",
	Source:   "CIS Kubernetes 1.2.4 of older releases",
	Aliases:  []string{"CKV_K8S_71", "KCV-0004"},
	Mend:     mends(apiserverKubeletHttpsOffRules...),
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --kubelet-https=false # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --kubelet-https=true
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    profiling: "false"
`,
	Run: judges(apiserverKubeletHttpsOffRules...),
}

var apiserverKubeletHttpsOffRules = []flagRule{
	{infra.APIServer, "kubelet-https", isGiven("kubelet-https", "false"), "true", "true"},
}
