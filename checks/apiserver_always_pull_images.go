package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverAlwaysPullImages = &Check{
	ID:       "apiserver-always-pull-images",
	Title:    "Private images are used without asking the registry",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Off:      true,
	Why:      "Whoever starts a pod on a node that has a private image runs it without a right to pull it.",
	Fix:      "Add AlwaysPullImages to `enable-admission-plugins`.",
	Source:   "CIS Kubernetes 1.2.11",
	Aliases:  []string{"CKV_K8S_80", "KCV-0012", "C-0123"},
	Bad:      started("kube-apiserver", "--enable-admission-plugins=NodeRestriction # want"),
	Good:     started("kube-apiserver", "--enable-admission-plugins=NodeRestriction,AlwaysPullImages"),
	NearMiss: started("kube-scheduler", "--profiling=false"),
	Run:      judges(apiserverAlwaysPullImagesRules...),
}

var apiserverAlwaysPullImagesRules = []flagRule{
	{infra.APIServer, "enable-admission-plugins", lacksItem("enable-admission-plugins", "AlwaysPullImages"), "AlwaysPullImages among them", ""},
}
