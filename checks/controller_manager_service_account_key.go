package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var controllerManagerServiceAccountKey = &Check{
	ID:       "controller-manager-service-account-key",
	Title:    "Controller manager has no key for service accounts",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Keys cannot be changed one after the other.",
	Fix:      "Set `service-account-private-key-file`.",
	Source:   "CIS Kubernetes 1.3.4",
	Aliases:  []string{"CKV_K8S_110", "KCV-0036", "C-0147"},
	Bad:      startedAs("kube-controller-manager", "[kube-controller-manager, --v=2] # want"),
	Good:     started("kube-controller-manager", "--service-account-private-key-file=/pki/x"),
	NearMiss: configured("controllerManager", `v: "2"`),
	Run:      judges(controllerManagerServiceAccountKeyRules...),
}

var controllerManagerServiceAccountKeyRules = []flagRule{
	{infra.ControllerManager, "service-account-private-key-file", missing("service-account-private-key-file"), "a file", ""},
}
