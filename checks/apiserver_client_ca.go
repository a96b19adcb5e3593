package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverClientCA = &Check{
	ID:       "apiserver-client-ca",
	Title:    "API server does not know whose client certificates are good",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Clients cannot log in by certificate, and what replaces it is weaker.",
	Fix:      "Set `client-ca-file`.",
	Source:   "CIS Kubernetes 1.2.25",
	Aliases:  []string{"KCV-0028", "C-0139"},
	Bad:      startedAs("kube-apiserver", "[kube-apiserver, --v=2] # want"),
	Good:     started("kube-apiserver", "--client-ca-file=/pki/x"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverClientCARules...),
}

var apiserverClientCARules = []flagRule{
	{infra.APIServer, "client-ca-file", missing("client-ca-file"), "a file", ""},
}
