package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var serviceAccountKeysWeak = &Check{
	ID:       "service-account-keys-weak",
	Title:    "Service accounts are not kept apart",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Tokens of deleted accounts stay good, or all controllers act with the rights of one.",
	Fix:      "Leave `service-account-lookup` on, name `service-account-key-file` and `service-account-private-key-file`, and set `use-service-account-credentials` to true.",
	Source:   "CIS Kubernetes 1.2.22, 1.2.23, 1.3.3, 1.3.4",
	Aliases:  []string{"CKV_K8S_96", "CKV_K8S_97", "CKV_K8S_108", "CKV_K8S_110", "KCV-0024", "KCV-0025", "KCV-0035", "KCV-0037", "C-0136", "C-0137", "C-0146", "C-0147"},
	Mend:     keepsAccounts,
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --service-account-lookup=false # want
        - --service-account-key-file=/pki/sa.pub
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  kubeadmConfigSpec:
    clusterConfiguration:
      controllerManager:
        extraArgs:
          use-service-account-credentials: "false" # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: kube-controller-manager, namespace: kube-system}
spec:
  containers:
    - name: kube-controller-manager
      image: registry.k8s.io/kube-controller-manager:v1.34.0
      command:
        - kube-controller-manager
        - --use-service-account-credentials=true
        - --service-account-private-key-file=/pki/sa.key
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
controllerManager:
  extraArgs:
    v: "2"
`,
	Run: func(p *Pass) {
		for _, program := range infra.Programs(p.Object) {
			for _, rule := range accountRules[program.Name] {
				if rule.weak(program) {
					p.flag(program, rule.flag, rule.flag, "%s of %s does not keep service accounts apart: %s is %s, %s is accepted", program.Name, program.Of, rule.flag, given(program, rule.flag), rule.accepted)
				}
			}
		}
	},
}

var accountRules = map[string][]flagRule{
	infra.APIServer: {
		{"service-account-lookup", certain("service-account-lookup", "false"), "true"},
		{"service-account-key-file", missing("service-account-key-file"), "a public key"},
	},
	infra.ControllerManager: {
		{"use-service-account-credentials", certain("use-service-account-credentials", "false"), "true"},
		{"service-account-private-key-file", missing("service-account-private-key-file"), "a key"},
	},
}

// keepsAccounts turns the two switches around.
func keepsAccounts(f Finding, _ []*manifest.Object) []manifest.Edit {
	switch f.Subject.Class {
	case "service-account-lookup":
		return flagEdits(f, infra.APIServer, f.Subject.Class, "true")
	case "use-service-account-credentials":
		return flagEdits(f, infra.ControllerManager, f.Subject.Class, "true")
	}
	return nil
}
