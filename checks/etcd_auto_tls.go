package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var etcdAutoTLS = &Check{
	ID:       "etcd-auto-tls",
	Title:    "etcd makes certificates for itself",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches etcd reads and writes the whole cluster.",
	Fix:      "Set `auto-tls` to false.",
	Source:   "CIS Kubernetes 2.3",
	Aliases:  []string{"CKV_K8S_118", "KCV-0044", "C-0155"},
	Mend:     mends(etcdAutoTLSRules...),
	Bad: started("etcd", "--auto-tls=true # want") + `---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd:
  local:
    extraArgs:
      - name: auto-tls
        value: "true" # want
`,
	Good:     started("etcd", "--auto-tls=false"),
	NearMiss: etcdOfShop,
	Run:      judges(etcdAutoTLSRules...),
}

var etcdAutoTLSRules = []flagRule{
	{infra.Etcd, "auto-tls", isGiven("auto-tls", "true"), "false", "false"},
}
