package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var etcdClientAuth = &Check{
	ID:       "etcd-client-auth",
	Title:    "etcd does not ask clients for a certificate",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches etcd reads and writes the whole cluster.",
	Fix:      "Set `client-cert-auth` to true.",
	Source:   "CIS Kubernetes 2.2",
	Aliases:  []string{"CKV_K8S_117", "KCV-0043", "C-0154"},
	Mend:     mends(etcdClientAuthRules...),
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec:
  containers:
    - name: etcd
      image: registry.k8s.io/etcd:v1.34.0
      command:
        - etcd
        - --client-cert-auth=false # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd:
  local:
    extraArgs:
      - name: client-cert-auth
        value: "false" # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec:
  containers:
    - name: etcd
      image: registry.k8s.io/etcd:v1.34.0
      command:
        - etcd
        - --client-cert-auth=true
`,
	NearMiss: `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: etcd, namespace: shop} # not of a control plane
spec:
  serviceName: etcd
  selector: {matchLabels: {app: etcd}}
  template:
    metadata: {labels: {app: etcd}}
    spec:
      containers:
        - name: etcd
          image: registry.example.com/etcd:3.6.0
          command: [etcd, --data-dir=/data]
`,
	Run: judges(etcdClientAuthRules...),
}

var etcdClientAuthRules = []flagRule{
	{infra.Etcd, "client-cert-auth", holds("client-cert-auth", "false"), "true", "true"},
}
