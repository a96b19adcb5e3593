package render

import (
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/render/manifest"
)

func TestX(t *testing.T) {
	tree := fstest.MapFS{
		"c/infra.yaml": {Data: []byte(`apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: infra, namespace: flux-system}
spec:
  path: ./infra
  sourceRef: {kind: GitRepository, name: flux-system}
  targetNamespace: node-system
`)},
		"infra/node/d.yaml": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")},
	}
	in := Target{Kind: Manifests, Dir: "c"}
	r, err := Render(tree, in)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range r.Releases {
		got, err := Render(tree, one.Target(in))
		t.Log(got, err)
	}
	_ = manifest.Ref{}
}
