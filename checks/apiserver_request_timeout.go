package checks

import (
	"time"

	"github.com/rendergate/rendergate/infra"
)

var apiserverRequestTimeout = &Check{
	ID:       "apiserver-request-timeout",
	Title:    "API server holds requests for long",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Off:      true,
	Why:      "A few clients with slow requests keep the API server from all others.",
	Fix:      "Leave `request-timeout` at a minute, or set it to some minutes at most.",
	Source:   "CIS Kubernetes 1.2.20",
	Aliases:  []string{"CKV_K8S_95"},
	Mend:     mends(apiserverRequestTimeoutRules...),
	Bad:      started("kube-apiserver", "--request-timeout=24h # want"),
	Good:     started("kube-apiserver", "--request-timeout=2m3s"),
	NearMiss: started("kube-apiserver", "--min-request-timeout=1800"),
	Run:      judges(apiserverRequestTimeoutRules...),
}

var apiserverRequestTimeoutRules = []flagRule{
	{infra.APIServer, "request-timeout", timeoutOver("request-timeout", 10*time.Minute), "a few minutes at most", "60s"},
}

// timeoutOver says that a flag is a duration that is longer than the most, or without
// an end, or no duration at all.
func timeoutOver(flag string, most time.Duration) func(infra.Program) bool {
	return func(p infra.Program) bool {
		if !p.Given(flag) || p.Value(flag) == "" {
			return false
		}
		d, err := time.ParseDuration(p.Value(flag))
		return err != nil || d <= 0 || d > most
	}
}
