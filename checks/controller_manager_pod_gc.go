package checks

import (
	"strconv"

	"github.com/rendergate/rendergate/infra"
)

var controllerManagerPodGC = &Check{
	ID:       "controller-manager-pod-gc",
	Title:    "Ended pods are kept without bound",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Off:      true,
	Why:      "Ended pods fill the store of the API server until it answers slowly, or not at all.",
	Fix:      "Set `terminated-pod-gc-threshold` to what the cluster bears, such as 1000.",
	Source:   "CIS Kubernetes 1.3.1",
	Aliases:  []string{"CKV_K8S_106", "KCV-0033"},
	Mend:     mends(controllerManagerPodGCRules...),
	Bad:      started("kube-controller-manager", "--terminated-pod-gc-threshold=0 # want"),
	Good:     started("kube-controller-manager", "--terminated-pod-gc-threshold=1000"),
	NearMiss: configured("controllerManager", `profiling: "false"`),
	Run:      judges(controllerManagerPodGCRules...),
}

var controllerManagerPodGCRules = []flagRule{
	{infra.ControllerManager, "terminated-pod-gc-threshold", unboundedPods, "a number of pods above 0", "1000"},
}

// unboundedPods says that a controller manager was not told how many ended pods to
// keep, or to keep all. Its own default is more than most clusters bear.
func unboundedPods(p infra.Program) bool {
	if !p.Given("terminated-pod-gc-threshold") {
		return p.Whole && !p.Elsewhere
	}
	n, err := strconv.Atoi(p.Value("terminated-pod-gc-threshold"))
	return err == nil && n <= 0
}
