package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverClientCA = &Check{
	ID:       "apiserver-client-ca",
	Title:    "API server does not know whose client certificates are good",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Clients cannot log in by certificate, and what replaces it is weaker.",
	Fix:      "Set `client-ca-file`.",
	Source:   "CIS Kubernetes 1.2.25",
	Aliases:  []string{"KCV-0028", "C-0139"},
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
        - --client-ca-file=/pki/x
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    v: "2"
`,
	Run: judges(apiserverClientCARules...),
}

var apiserverClientCARules = []flagRule{
	{infra.APIServer, "client-ca-file", missing("client-ca-file"), "a file", ""},
}
