package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var controllerManagerRootCA = &Check{
	ID:       "controller-manager-root-ca",
	Title:    "Pods do not learn who the API server is",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Pods cannot check whom they give their token to.",
	Fix:      "Set `root-ca-file`.",
	Source:   "CIS Kubernetes 1.3.5",
	Aliases:  []string{"CKV_K8S_111", "KCV-0037", "C-0148"},
	Bad:      startedAs("kube-controller-manager", "[kube-controller-manager, --v=2] # want"),
	Good:     started("kube-controller-manager", "--root-ca-file=/pki/x"),
	NearMiss: configured("controllerManager", `v: "2"`),
	Run:      judges(controllerManagerRootCARules...),
}

var controllerManagerRootCARules = []flagRule{
	{infra.ControllerManager, "root-ca-file", missing("root-ca-file"), "a file", ""},
}
