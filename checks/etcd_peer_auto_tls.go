package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var etcdPeerAutoTLS = &Check{
	ID:       "etcd-peer-auto-tls",
	Title:    "Members of etcd make certificates for themselves",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches etcd reads and writes the whole cluster.",
	Fix:      "Set `peer-auto-tls` to false.",
	Source:   "CIS Kubernetes 2.6",
	Aliases:  []string{"KCV-0047", "C-0158"},
	Mend:     mends(etcdPeerAutoTLSRules...),
	Bad: started("etcd", "--peer-auto-tls=true # want") + `---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd:
  local:
    extraArgs:
      - name: peer-auto-tls
        value: "true" # want
`,
	Good:     started("etcd", "--peer-auto-tls=false"),
	NearMiss: etcdOfShop,
	Run:      judges(etcdPeerAutoTLSRules...),
}

var etcdPeerAutoTLSRules = []flagRule{
	{infra.Etcd, "peer-auto-tls", isGiven("peer-auto-tls", "true"), "false", "false"},
}
