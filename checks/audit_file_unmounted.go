package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var auditFileUnmounted = &Check{
	ID:       "audit-file-unmounted",
	Title:    "Audit file of the API server is not mounted",
	Severity: Medium,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "The API server does not start, or writes its log into the container, where it is lost with it.",
	Fix:      "Mount the folder: a hostPath volume in a static Pod, `extraVolumes` for kubeadm, with `files` in Cluster API and `fileAssets` in kOps.",
	Source:   "Kubernetes documentation, Auditing: Log backend",
	Bad: started("kube-apiserver", "--audit-policy-file=/etc/kubernetes/audit/policy.yaml # want", "--audit-log-path=/var/log/audit/audit.log") + `      volumeMounts:
        - {name: log, mountPath: /var/log/audit}
  volumes:
    - name: log
      hostPath: {path: /var/log/audit}
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    audit-policy-file: /etc/kubernetes/audit/policy.yaml
    audit-log-path: /var/log/audit/audit.log # want
  extraVolumes:
    - {name: policy, hostPath: /etc/kubernetes/audit, mountPath: /etc/kubernetes/audit}
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  kubeAPIServer:
    auditLogPath: /var/log/kube-apiserver-audit.log
    auditPolicyFile: /srv/kubernetes/kube-apiserver/audit.yaml # want
`,
	Good: `apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  kubeadmConfigSpec:
    clusterConfiguration:
      apiServer:
        extraArgs:
          audit-policy-file: /etc/kubernetes/audit/policy.yaml
          audit-log-path: /var/log/audit/audit.log
        extraVolumes:
          - {name: policy, hostPath: /etc/kubernetes/audit, mountPath: /etc/kubernetes/audit}
          - {name: log, hostPath: /var/log/audit, mountPath: /var/log/audit}
    files:
      - path: /etc/kubernetes/audit/policy.yaml
        content: |
          apiVersion: audit.k8s.io/v1
          kind: Policy
          rules: [{level: Metadata}]
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - {name: audit-policy-file, value: /etc/kubernetes/pki/policy.yaml} # kubeadm mounts it
    - {name: audit-log-path, value: "-"}
`,
	Run: func(p *Pass) {
		for _, f := range infra.AuditFiles(p.Object) {
			if f.Lacks != "" {
				p.Report(f.At, f.Subject.Of(f.Flag), "the API server of %s is told %s %q, and %s", f.Of, f.Flag, f.Path, f.Lacks)
			}
		}
	},
}
