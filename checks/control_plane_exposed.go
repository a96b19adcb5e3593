package checks

import (
	"net"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var controlPlaneExposed = &Check{
	ID:       "control-plane-exposed",
	Title:    "Controller manager or scheduler listens to the network",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Its metrics and profiles are for the node alone; in the network anybody may try them.",
	Fix:      "Set `bind-address` to 127.0.0.1.",
	Source:   "CIS Kubernetes 1.3.7, 1.4.2",
	Aliases:  []string{"CKV_K8S_113", "CKV_K8S_115", "KCV-0036", "KCV-0041", "C-0150", "C-0152"},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		return flagEdits(f, f.Subject.Class, "bind-address", "127.0.0.1")
	},
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-scheduler, namespace: kube-system}
spec:
  containers:
    - name: kube-scheduler
      image: registry.k8s.io/kube-scheduler:v1.34.0
      command:
        - kube-scheduler
        - --bind-address=0.0.0.0 # want
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  kubeadmConfigSpec:
    clusterConfiguration:
      controllerManager:
        extraArgs:
          bind-address: 0.0.0.0 # want
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
        - --bind-address=127.0.0.1
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    bind-address: 0.0.0.0 # which is what the API server is for
`,
	Run: func(p *Pass) {
		for _, name := range []string{infra.ControllerManager, infra.Scheduler} {
			p.programs(name, func(program infra.Program) {
				address := program.Value("bind-address")
				if address == "" || !program.Given("bind-address") && !program.Whole {
					return
				}
				if ip := net.ParseIP(address); ip == nil || !ip.IsLoopback() {
					p.flag(program, "bind-address", name, "%s of %s listens to the network: bind-address is %s, 127.0.0.1 is accepted", name, program.Of, given(program, "bind-address"))
				}
			})
		}
	},
}
