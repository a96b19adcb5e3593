package render

import (
	"reflect"
	"testing"
	"testing/fstest"
)

// remembering is a tree that recalls everything.
type remembering struct {
	fstest.MapFS
	known map[string]any
	built int
}

func (r *remembering) Recall(key string, build func() (any, int)) any {
	if _, ok := r.known[key]; !ok {
		r.built++
		r.known[key], _ = build()
	}
	return r.known[key]
}

// Releases of one target are rendered from what it rendered to, and leave that
// as it was: whatever comes first, each is what it is alone.
func TestRecalledTargetsStayAsTheyAre(t *testing.T) {
	files := fstest.MapFS{
		"cluster/apps.yaml": {Data: []byte("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: one, namespace: flux}\n" +
			"spec: {path: app, targetNamespace: one, namePrefix: one-, sourceRef: {kind: GitRepository, name: here}, postBuild: {substitute: {WHO: one}}}\n---\n" +
			"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: two, namespace: flux}\n" +
			"spec: {path: app, targetNamespace: two, sourceRef: {kind: GitRepository, name: here}, postBuild: {substitute: {WHO: two}}, patches: [{patch: '[{\"op\":\"add\",\"path\":\"/data/x\",\"value\":\"y\"}]', target: {kind: ConfigMap}}]}\n")},
		"app/kustomization.yaml": {Data: []byte("resources: [a.yaml]\n")},
		"app/a.yaml":             {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {who: '${WHO}'}\n")},
	}
	in := Target{Kind: Manifests, Dir: "cluster", Repository: &Repository{}}
	tree := &remembering{files, map[string]any{}, 0}
	first, err := Render(tree, in)
	if err != nil || len(first.Releases) != 2 {
		t.Fatalf("got %+v, %v", first, err)
	}
	for range 2 {
		for _, release := range first.Releases {
			alone, err := Render(files, release.Target(in))
			if err != nil || len(alone.Objects) != 1 {
				t.Fatalf("%+v, %v", alone, err)
			}
			got, err := Render(tree, release.Target(in))
			if err != nil || !reflect.DeepEqual(got, alone) {
				t.Errorf("%s: got %+v, %v\nwant %+v", release.Object, got, err, alone)
			}
		}
		again, err := Render(tree, in)
		if err != nil || !reflect.DeepEqual(again, first) {
			t.Errorf("the target became %+v, %v", again, err)
		}
	}
	if tree.built != 3 {
		t.Errorf("rendered %d times, of 3 targets", tree.built)
	}
}
