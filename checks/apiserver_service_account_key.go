package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverServiceAccountKey = &Check{
	ID:       "apiserver-service-account-key",
	Title:    "API server has no key of its own for service accounts",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Tokens are checked with the key of the server certificate: changing that one makes all of them void, so that nobody does.",
	Fix:      "Set `service-account-key-file`.",
	Source:   "CIS Kubernetes 1.2.22",
	Aliases:  []string{"CKV_K8S_97", "KCV-0025", "C-0136"},
	Bad:      startedAs("kube-apiserver", "[kube-apiserver, --v=2] # want"),
	Good:     started("kube-apiserver", "--service-account-key-file=/pki/x"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverServiceAccountKeyRules...),
}

var apiserverServiceAccountKeyRules = []flagRule{
	{infra.APIServer, "service-account-key-file", missing("service-account-key-file"), "a file", ""},
}
