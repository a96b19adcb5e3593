package waive

// kubeLinter are the checks of kube-linter, all of which one annotation silences.
// Source: pkg/builtinchecks of stackrox/kube-linter.
var kubeLinter = []string{
	"access-to-create-pods", "access-to-secrets", "cluster-admin-role-binding", "dangling-horizontalpodautoscaler", "dangling-ingress",
	"dangling-networkpolicy", "dangling-networkpolicypeer-podselector", "dangling-service", "dangling-servicemonitor", "default-service-account",
	"deprecated-service-account-field", "dnsconfig-options", "docker-sock", "drop-net-raw-capability", "duplicate-env-var", "env-value-from",
	"env-var-secret", "exposed-services", "host-ipc", "host-network", "host-pid", "hpa-minimum-three-replicas", "invalid-target-ports",
	"job-ttl-seconds-after-finished", "latest-tag", "liveness-port", "minimum-three-replicas", "mismatching-selector", "no-anti-affinity",
	"no-extensions-v1beta", "no-liveness-probe", "no-node-affinity", "no-read-only-root-fs", "no-readiness-probe", "no-rolling-update-strategy",
	"non-existent-service-account", "non-isolated-pod", "pdb-max-unavailable", "pdb-min-available", "pdb-unhealthy-pod-eviction-policy",
	"priority-class-name", "privilege-escalation-container", "privileged-container", "privileged-ports", "read-secret-from-env-var",
	"readiness-port", "restart-policy", "run-as-non-root", "scc-deny-privileged-container", "schema-validation", "sensitive-host-mounts",
	"sorted-keys", "ssh-port", "startup-port", "unsafe-proc-mount", "unsafe-sysctls", "unset-cpu-requirements", "unset-memory-requirements",
	"use-namespace", "wildcard-in-rules", "writable-host-mount",
}

// kubeScore are the tests of kube-score that ask for what checks of ours do.
// Source: README_CHECKS.md of zegl/kube-score; the first of the security
// context is what later versions split into three.
var kubeScore = map[string][]string{
	"container-image-tag":                               {"image-latest"},
	"container-resources":                               {"cpu-limit", "cpu-request", "memory-limit", "memory-request"},
	"container-security-context":                        {"privileged-container", "run-as-non-root", "run-as-root-user", "writable-root-fs"},
	"container-security-context-privileged":             {"privileged-container"},
	"container-security-context-readonlyrootfilesystem": {"writable-root-fs"},
	"container-security-context-user-group-id":          {"run-as-non-root", "run-as-root-user"},
	"container-seccomp-profile":                         {"seccomp-unconfined", "seccomp-unset"},
	"pod-networkpolicy":                                 {"pod-ingress-open", "pod-outside-policies"},
	"pod-probes":                                        {"liveness-probe", "readiness-probe"},
}
