package checks

import (
	"slices"

	"github.com/rendergate/rendergate/infra"
)

var apiserverAdmissionWeak = &Check{
	ID:       "apiserver-admission-weak",
	Title:    "API server runs without an admission plugin that it needs",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Without NodeRestriction a kubelet changes other nodes and their labels; the other plugins guard namespaces and service accounts.",
	Fix:      "Name NodeRestriction in `enable-admission-plugins`, and none of NamespaceLifecycle and ServiceAccount in `disable-admission-plugins`.",
	Source:   "CIS Kubernetes 1.2.13, 1.2.14, 1.2.15",
	Aliases:  []string{"CKV_K8S_82", "CKV_K8S_83", "CKV_K8S_85", "KCV-0014", "KCV-0015", "KCV-0016", "C-0125", "C-0126", "C-0127"},
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --enable-admission-plugins=EventRateLimit # want
        - --disable-admission-plugins=ServiceAccount # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --enable-admission-plugins=EventRateLimit,NodeRestriction
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: disable-admission-plugins
      value: DefaultStorageClass
`,
	Run: func(p *Pass) {
		p.programs(infra.APIServer, func(server infra.Program) {
			const enable, disable = "enable-admission-plugins", "disable-admission-plugins"
			known := server.Value(enable) != "" || server.Whole && server.Lacks(enable)
			if known && !slices.Contains(server.List(enable), "NodeRestriction") {
				p.flag(server, enable, "NodeRestriction", "the API server of %s runs without NodeRestriction: %s is %s, a list with it is accepted", server.Of, enable, given(server, enable))
			}
			for _, plugin := range []string{"NamespaceLifecycle", "NodeRestriction", "ServiceAccount"} {
				if slices.Contains(server.List(disable), plugin) {
					p.flag(server, disable, plugin, "the API server of %s runs without %s: %s is %s, a list without it is accepted", server.Of, plugin, disable, given(server, disable))
				}
			}
		})
	},
}
