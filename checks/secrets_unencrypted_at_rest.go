package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var secretsUnencryptedAtRest = &Check{
	ID:       "secrets-unencrypted-at-rest",
	Title:    "Secrets are stored unencrypted",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever gets at the disk of etcd, or at a backup of it, has every secret of the cluster.",
	Fix:      "Give the API server an `encryption-provider-config` whose first provider for secrets is kms, secretbox or aescbc.",
	Source:   "CIS Kubernetes 1.2.27, 1.2.28",
	Aliases:  []string{"CKV_K8S_104", "KCV-0030", "C-0066", "C-0141", "C-0142"},
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver # want
        - --audit-log-path=-
        - --audit-policy-file=/etc/kubernetes/policy.yaml
---
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - identity: {} # want
      - aescbc: {keys: [{name: k, secret: c2VjcmV0IGlzIHNlY3VyZQ==}]}
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  encryptionConfig: false # want
  kubeAPIServer: {auditLogPath: /var/log/audit.log, auditPolicyFile: /etc/audit.yaml}
`,
	Good: started("kube-apiserver", "--encryption-provider-config=/etc/kubernetes/encryption.yaml") + `---
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - secretbox: {keys: [{name: k, secret: c2VjcmV0IGlzIHNlY3VyZQ==}]}
      - identity: {}
`,
	NearMiss: `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [events]
    providers: [{identity: {}}]
  - resources: ["*.*"]
    providers: [{kms: {name: k, endpoint: "unix:///k.sock", apiVersion: v2}}]
`,
	Run: func(p *Pass) {
		p.programs(infra.APIServer, func(server infra.Program) {
			if server.Lacks("encryption-provider-config") {
				p.flag(server, "encryption-provider-config", "", "the API server of %s stores secrets unencrypted: encryption-provider-config is not set", server.Of)
			}
			p.doubts(server, "encryption-provider-config", "", "a file that names a provider")
		})
		for _, encryption := range infra.Encryptions(p.Object) {
			if !encryption.Plain {
				continue
			}
			p.Report(encryption.First, manifest.Subject{}, "secrets are written unencrypted: the first provider for them is identity, or none; kms, secretbox or aescbc is expected")
		}
	},
}
