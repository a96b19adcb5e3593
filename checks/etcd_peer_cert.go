package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var etcdPeerCert = &Check{
	ID:       "etcd-peer-cert",
	Title:    "Members of etcd talk without a certificate",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Everything in the cluster, secrets included, passes the network in clear text.",
	Fix:      "Set `peer-cert-file` and `peer-key-file`.",
	Source:   "CIS Kubernetes 2.4",
	Aliases:  []string{"CKV_K8S_119", "KCV-0045", "C-0156"},
	Bad:      startedAs("etcd", "[etcd, --v=2] # want"),
	Good:     started("etcd", "--peer-cert-file=/pki/x", "--peer-key-file=/pki/x"),
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd:
  local:
    extraArgs:
      - name: quota-backend-bytes
        value: "8589934592"
`,
	Run: judges(etcdPeerCertRules...),
}

var etcdPeerCertRules = []flagRule{
	{infra.Etcd, "peer-cert-file", missing("peer-cert-file", "peer-key-file"), "a file, beside that of peer-key-file", ""},
}
