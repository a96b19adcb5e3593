package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverInsecurePort = &Check{
	ID:       "apiserver-insecure-port",
	Title:    "API server serves a port without login and encryption",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches that port is administrator of the cluster.",
	Fix:      "Take the flags away; Kubernetes 1.24 and later no longer know them.",
	Source:   "CIS Kubernetes 1.2.19 of older releases",
	Aliases:  []string{"CKV_K8S_86", "CKV_K8S_88"},
	Mend:     mends(apiserverInsecurePortRules...),
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --insecure-port=8080 # want
        - --insecure-bind-address=0.0.0.0 # want
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
        - --insecure-port=0
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    insecure-port: "0"
`,
	Run: judges(apiserverInsecurePortRules...),
}

var apiserverInsecurePortRules = []flagRule{
	{infra.APIServer, "insecure-port", isSet("insecure-port"), "0", "0"},
	{infra.APIServer, "insecure-bind-address", isSet("insecure-bind-address"), "none", ""},
}
