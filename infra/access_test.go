package infra_test

import (
	"strings"
	"testing"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

// TestBeyondKubeletParts holds that a part of nodes/proxy is not more than it, and
// that another verb on a part is.
func TestBeyondKubeletParts(t *testing.T) {
	held := func(resource, verb string) []infra.Right {
		objects, err := manifest.Parse([]byte(strings.NewReplacer("RESOURCE", resource, "VERB", verb).Replace(kubeletReader)), manifest.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		return infra.AccessOf(objects)[infra.Holder{Kind: infra.ServiceAccount, Namespace: "shop", Name: "agent"}]
	}
	base := held("nodes/proxy", "get")
	if len(base) != 1 {
		t.Fatalf("the account holds %v", base)
	}
	for _, part := range []string{"nodes/configz", "nodes/metrics", "nodes/pods"} {
		if got := infra.Beyond(base, held(part, "get")); len(got) != 0 {
			t.Errorf("get %s is beyond nodes/proxy: %v", part, got)
		}
	}
	for _, more := range [][2]string{{"nodes/metrics", "create"}, {"nodes/status", "get"}, {"nodes", "get"}} {
		if got := infra.Beyond(base, held(more[0], more[1])); len(got) != 1 {
			t.Errorf("%s %s is not beyond get nodes/proxy: %v", more[1], more[0], got)
		}
	}
	if got := infra.Beyond(held("nodes/metrics", "get"), base); len(got) != 1 {
		t.Errorf("nodes/proxy is not beyond nodes/metrics: %v", got)
	}
}

const kubeletReader = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: agent}
rules: [{apiGroups: [""], resources: [RESOURCE], verbs: [VERB]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: agent}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: agent}
subjects: [{kind: ServiceAccount, name: agent, namespace: shop}]
`
