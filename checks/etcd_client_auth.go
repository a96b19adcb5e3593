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
	Bad: started("etcd", "--client-cert-auth=false # want") + `---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd:
  local:
    extraArgs:
      - name: client-cert-auth
        value: "false" # want
`,
	Good:     started("etcd", "--client-cert-auth=true"),
	NearMiss: etcdOfShop,
	Run:      judges(etcdClientAuthRules...),
}

var etcdClientAuthRules = []flagRule{
	{infra.Etcd, "client-cert-auth", holds("client-cert-auth", "false"), "true", "true"},
}
