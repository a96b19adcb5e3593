package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverInsecurePort = &Check{
	ID:       "apiserver-insecure-port",
	Title:    "API server serves a port without login and encryption",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches that port is administrator of the cluster.",
	Fix:      "Take the flags away; Kubernetes 1.24 and later no longer know them.",
	Source:   "CIS Kubernetes 1.2.19 of older releases",
	Aliases:  []string{"CKV_K8S_86", "CKV_K8S_88"},
	Mend:     mends(apiserverInsecurePortRules...),
	Bad:      started("kube-apiserver", "--insecure-port=8080 # want", "--insecure-bind-address=0.0.0.0 # want"),
	Good:     started("kube-apiserver", "--insecure-port=0"),
	NearMiss: configured("apiServer", `insecure-port: "0"`),
	Run:      judges(apiserverInsecurePortRules...),
}

var apiserverInsecurePortRules = []flagRule{
	{infra.APIServer, "insecure-port", isSet("insecure-port"), "0", "0"},
	{infra.APIServer, "insecure-bind-address", isSet("insecure-bind-address"), "none", ""},
}
