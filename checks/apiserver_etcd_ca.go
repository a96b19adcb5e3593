package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverEtcdCA = &Check{
	ID:       "apiserver-etcd-ca",
	Title:    "API server does not check who etcd is",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever is in between gets every secret of the cluster.",
	Fix:      "Set `etcd-cafile`.",
	Source:   "CIS Kubernetes 1.2.26",
	Aliases:  []string{"CKV_K8S_102", "KCV-0029", "C-0140"},
	Bad:      startedAs("kube-apiserver", "[kube-apiserver, --v=2] # want"),
	Good:     started("kube-apiserver", "--etcd-cafile=/pki/x"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverEtcdCARules...),
}

var apiserverEtcdCARules = []flagRule{
	{infra.APIServer, "etcd-cafile", missing("etcd-cafile"), "a file", ""},
}
