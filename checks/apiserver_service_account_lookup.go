package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverServiceAccountLookup = &Check{
	ID:       "apiserver-service-account-lookup",
	Title:    "Tokens of deleted service accounts stay good",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "A token that leaked cannot be taken back by deleting its account.",
	Fix:      "Set `service-account-lookup` to true, or leave it out.",
	Source:   "CIS Kubernetes 1.2.21",
	Aliases:  []string{"CKV_K8S_96", "KCV-0024", "C-0135"},
	Mend:     mends(apiserverServiceAccountLookupRules...),
	Bad: started("kube-apiserver", "--service-account-lookup=false # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    service-account-lookup: "false" # want
`,
	Good:     started("kube-apiserver", "--service-account-lookup=true"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverServiceAccountLookupRules...),
}

var apiserverServiceAccountLookupRules = []flagRule{
	{infra.APIServer, "service-account-lookup", isGiven("service-account-lookup", "false"), "true", "true"},
}
