package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverEtcdCA = &Check{
	ID:       "apiserver-etcd-ca",
	Title:    "API server does not check who etcd is",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever is in between gets every secret of the cluster.",
	Fix:      "Set `etcd-cafile`.",
	Source:   "CIS Kubernetes 1.2.26",
	Aliases:  []string{"CKV_K8S_102", "KCV-0029", "C-0140"},
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command: [kube-apiserver, --v=2] # want
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
        - --etcd-cafile=/pki/x
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    v: "2"
`,
	Run: judges(apiserverEtcdCARules...),
}

var apiserverEtcdCARules = []flagRule{
	{infra.APIServer, "etcd-cafile", missing("etcd-cafile"), "a file", ""},
}
