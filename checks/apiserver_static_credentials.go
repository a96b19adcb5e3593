package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverStaticCredentials = &Check{
	ID:       "apiserver-static-credentials",
	Title:    "API server accepts passwords or tokens of a file",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "The file has them in clear text, they never expire, and nobody can take one back without a restart.",
	Fix:      "Take the flag away and use certificates, OIDC or service accounts.",
	Source:   "CIS Kubernetes 1.2.2",
	Aliases:  []string{"CKV_K8S_69", "CKV_K8S_70", "KCV-0002", "C-0114"},
	Bad: started("kube-apiserver", "--token-auth-file=/etc/tokens.csv # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    token-auth-file: /etc/tokens.csv # want
`,
	Good:     started("kube-apiserver", "--authorization-mode=Node,RBAC"),
	NearMiss: configured("apiServer", `token-auth-file: ""`),
	Run:      judges(apiserverStaticCredentialsRules...),
}

var apiserverStaticCredentialsRules = []flagRule{
	{infra.APIServer, "token-auth-file", isSet("token-auth-file"), "none", ""},
	{infra.APIServer, "basic-auth-file", isSet("basic-auth-file"), "none", ""},
}
