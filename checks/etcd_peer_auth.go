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
	Bad: started("etcd", "--peer-client-cert-auth=false # want") + `---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd:
  local:
    extraArgs:
      - name: peer-client-cert-auth
        value: "false" # want
`,
	Good:     started("etcd", "--peer-client-cert-auth=true"),
	NearMiss: etcdOfShop,
	Run:      judges(etcdPeerAuthRules...),
}

var etcdPeerAuthRules = []flagRule{
	{infra.Etcd, "peer-client-cert-auth", holds("peer-client-cert-auth", "false"), "true", "true"},
}
