package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverTLSCert = &Check{
	ID:       "apiserver-tls-cert",
	Title:    "API server makes its own certificate",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Clients cannot check whom they give their credentials to.",
	Fix:      "Set `tls-cert-file` and `tls-private-key-file`.",
	Source:   "CIS Kubernetes 1.2.24",
	Aliases:  []string{"CKV_K8S_100", "KCV-0027", "C-0138"},
	Bad:      startedAs("kube-apiserver", "[kube-apiserver, --v=2] # want"),
	Good:     started("kube-apiserver", "--tls-cert-file=/pki/x", "--tls-private-key-file=/pki/x"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverTLSCertRules...),
}

var apiserverTLSCertRules = []flagRule{
	{infra.APIServer, "tls-cert-file", missing("tls-cert-file", "tls-private-key-file"), "a file, beside that of tls-private-key-file", ""},
}
