package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var controlPlaneProfiling = &Check{
	ID:       "control-plane-profiling",
	Title:    "Profiling of the control plane is on",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Profiles show what the program does inside, and asking for them costs it time.",
	Fix:      "Set `profiling` to false.",
	Source:   "CIS Kubernetes 1.2.15, 1.3.2, 1.4.1",
	Aliases:  []string{"CKV_K8S_90", "CKV_K8S_107", "CKV_K8S_114", "KCV-0018", "KCV-0034", "KCV-0042", "C-0129", "C-0145", "C-0151"},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		return flagEdits(f, f.Subject.Class, "profiling", "false")
	},
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --profiling=true # want
---
apiVersion: v1
kind: Pod
metadata: {name: kube-scheduler, namespace: kube-system}
spec:
  containers:
    - name: kube-scheduler
      image: registry.k8s.io/kube-scheduler:v1.34.0
      command:
        - kube-scheduler
        - --profiling # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: kube-scheduler, namespace: kube-system}
spec:
  containers:
    - name: kube-scheduler
      image: registry.k8s.io/kube-scheduler:v1.34.0
      command:
        - kube-scheduler
        - --profiling=false
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
scheduler:
  extraArgs:
    - {name: v, value: "2"}
`,
	Run: func(p *Pass) {
		for _, name := range []string{infra.APIServer, infra.ControllerManager, infra.Scheduler} {
			p.programs(name, func(program infra.Program) {
				if program.Is("profiling", "true") && (program.Given("profiling") || program.Whole) {
					p.flag(program, "profiling", name, "%s of %s can be profiled: profiling is %s, false is accepted", name, program.Of, given(program, "profiling"))
				}
			})
		}
	},
}
