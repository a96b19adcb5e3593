package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var etcdCert = &Check{
	ID:       "etcd-cert",
	Title:    "etcd serves without a certificate",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Everything in the cluster, secrets included, passes the network in clear text.",
	Fix:      "Set `cert-file` and `key-file`.",
	Source:   "CIS Kubernetes 2.1",
	Aliases:  []string{"CKV_K8S_116", "KCV-0042", "C-0153"},
	Bad:      startedAs("etcd", "[etcd, --v=2] # want"),
	Good:     started("etcd", "--cert-file=/pki/x", "--key-file=/pki/x"),
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd:
  local:
    extraArgs:
      - name: quota-backend-bytes
        value: "8589934592"
`,
	Run: judges(etcdCertRules...),
}

var etcdCertRules = []flagRule{
	{infra.Etcd, "cert-file", missing("cert-file", "key-file"), "a file, beside that of key-file", ""},
}
