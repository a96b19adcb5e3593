package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var etcdPeerAuth = &Check{
	ID:       "etcd-peer-auth",
	Title:    "Members of etcd do not ask each other for a certificate",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches etcd reads and writes the whole cluster.",
	Fix:      "Set `peer-client-cert-auth` to true.",
	Source:   "CIS Kubernetes 2.5",
	Aliases:  []string{"KCV-0046", "C-0157"},
	Mend:     mends(etcdPeerAuthRules...),
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec:
  containers:
    - name: etcd
      image: registry.k8s.io/etcd:v1.34.0
      command:
        - etcd
        - --peer-client-cert-auth=false # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd:
  local:
    extraArgs:
      - name: peer-client-cert-auth
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
        - --peer-client-cert-auth=true
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
	Run: judges(etcdPeerAuthRules...),
}

var etcdPeerAuthRules = []flagRule{
	{infra.Etcd, "peer-client-cert-auth", holds("peer-client-cert-auth", "false"), "true", "true"},
}
