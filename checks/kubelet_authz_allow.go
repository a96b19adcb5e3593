package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletAuthzAllow = &Check{
	ID:       "kubelet-authz-allow",
	Title:    "Kubelet allows every request",
	Severity: Critical,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever the kubelet knows at all may run commands in every pod of the node.",
	Fix:      "Set `authorization.mode: Webhook` (the flag: `authorization-mode=Webhook`).",
	Source:   "CIS Kubernetes 4.2.2",
	Aliases:  []string{"CKV_K8S_139", "KCV-0080", "C-0173"},
	Mend:     setsFlag(infra.Kubelet, "authorization-mode", "Webhook"),
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authorization:
  mode: AlwaysAllow # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs:
    - name: authorization-mode
      value: AlwaysAllow # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  kubeAPIServer: {auditLogPath: /var/log/audit.log, auditPolicyFile: /etc/audit.yaml}
  kubelet:
    authorizationMode: AlwaysAllow # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authorization:
  mode: Webhook
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authorization:
  webhook: {cacheAuthorizedTTL: 5m}
`,
	Run: func(p *Pass) {
		p.programs(infra.Kubelet, func(kubelet infra.Program) {
			if kubelet.Is("authorization-mode", "AlwaysAllow") {
				p.flag(kubelet, "authorization-mode", "", "the kubelet of %s allows every request: authorization-mode is %s, Webhook is expected", kubelet.Of, given(kubelet, "authorization-mode"))
			} else {
				p.doubts(kubelet, "authorization-mode", "", "Webhook")
			}
		})
	},
}
