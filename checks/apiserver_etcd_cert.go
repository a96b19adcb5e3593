package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverEtcdCert = &Check{
	ID:       "apiserver-etcd-cert",
	Title:    "API server has no certificate for etcd",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "etcd has to accept everybody then, and it holds the whole cluster.",
	Fix:      "Set `etcd-certfile` and `etcd-keyfile`.",
	Source:   "CIS Kubernetes 1.2.23",
	Aliases:  []string{"CKV_K8S_99", "KCV-0026", "C-0137"},
	Bad:      startedAs("kube-apiserver", "[kube-apiserver, --v=2] # want"),
	Good:     started("kube-apiserver", "--etcd-certfile=/pki/x", "--etcd-keyfile=/pki/x"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverEtcdCertRules...),
}

var apiserverEtcdCertRules = []flagRule{
	{infra.APIServer, "etcd-certfile", missing("etcd-certfile", "etcd-keyfile"), "a file, beside that of etcd-keyfile", ""},
}
