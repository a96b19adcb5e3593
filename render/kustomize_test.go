package render_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/rendergate/rendergate/render"
)

// shop is what the overlays of the table below build upon.
const shop = `
-- file base/kustomization.yaml
resources: [web.yaml, service.yaml]
-- file base/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: nginx:1.0, env: [{name: HOST, value: $(HOST)}], envFrom: [{configMapRef: {name: settings}}]}
      - {name: side, image: side}
-- file base/service.yaml
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
-- file o/env.txt
A=1
B=2
-- file o/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {hostNetwork: true}}}
-- file o/ops.yaml
- {op: remove, path: /spec/template/spec/containers/1}
-- file component/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
namePrefix: c-
patches: [{target: {kind: Service}, patch: '- {op: add, path: /spec/type, value: LoadBalancer}'}]
-- file o/labels.yaml
apiVersion: builtin
kind: LabelTransformer
metadata: {name: l}
labels: {tier: front}
fieldSpecs: [{path: metadata/labels, create: true}]
-- file o/two.yaml
apiVersion: builtin
kind: PrefixTransformer
metadata: {name: p}
prefix: two-
fieldSpecs: [{path: metadata/name}]
---
apiVersion: builtin
kind: PatchTransformer
metadata: {name: q}
path: patch.yaml
-- file settings/kustomization.yaml
resources: [t.yaml]
patches: [{target: {kind: AnnotationsTransformer}, patch: '- {op: replace, path: /annotations/a, value: patched}'}]
-- file settings/t.yaml
apiVersion: builtin
kind: AnnotationsTransformer
metadata: {name: a}
annotations: {a: b}
fieldSpecs: [{path: metadata/annotations, create: true}]
-- file o/generator.yaml
apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: g}
name: generated
files: [env.txt]
-- file o/replace.yaml
source: {kind: Service, name: web, fieldPath: metadata.name}
targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.metadata.annotations.service], options: {create: true}}]
-- file o/crd.json
{"example.com/v1.Thing": {"Schema": {"properties": {"apiVersion": {}, "kind": {}, "spec": {"properties": {"ref": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "Service", "x-kubernetes-object-ref-name-key": "name"}}}}}}}
-- file o/thing.yaml
apiVersion: example.com/v1
kind: Thing
metadata: {name: thing}
spec: {ref: {name: web}, parts: [{name: a, v: 1}, {name: b, v: 2}]}
-- file o/config.yaml
nameReference: [{kind: Service, fieldSpecs: [{kind: Thing, path: spec/ref/name}]}]
images: [{kind: Thing, path: spec/image}]
-- file o/schema.json
{"definitions": {"v1.Thing": {"type": "object", "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Thing"}],
 "properties": {"spec": {"type": "object", "properties": {"parts": {"type": "array", "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge", "items": {"type": "object"}}}}}}}}
-- file o/list.yaml
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}, data: &d {a: b}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: two}, data: *d}
`

var shopOverlays = map[string]string{
	"base":                    "resources: [../base]",
	"bases":                   "bases: [../base]",
	"names":                   "resources: [../base]\nnamePrefix: a-\nnameSuffix: -b\nnamespace: there",
	"component":               "resources: [../base]\ncomponents: [../component]",
	"labels":                  "resources: [../base]\nlabels: [{pairs: {x: why}, includeSelectors: true}, {pairs: {z: z}, includeTemplates: true}]",
	"common":                  "resources: [../base]\ncommonLabels: {x: why}\ncommonAnnotations: {u: 'https://example.com'}",
	"images":                  "resources: [../base]\nimages: [{name: nginx, newName: other, digest: 'sha256:24a0c4b4'}, {name: side, newTag: v2}]",
	"imageTags":               "resources: [../base]\nimageTags: [{name: nginx, newTag: v3}]",
	"replicas":                "resources: [../base]\nreplicas: [{name: web, count: 3}]",
	"patch files":             "resources: [../base]\npatches: [{path: patch.yaml}, {path: ops.yaml, target: {kind: Deployment}}]",
	"patches in place":        "resources: [../base]\npatches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, $patch: delete}'}]",
	"legacy patches":          "resources: [../base]\npatchesStrategicMerge: [patch.yaml, '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort}}']\npatchesJson6902: [{path: ops.yaml, target: {group: apps, version: v1, kind: Deployment, name: web}}]",
	"generators of settings":  "resources: [../base]\nconfigMapGenerator: [{name: settings, literals: [a=b], files: [k=env.txt], envs: [env.txt]}]\nsecretGenerator: [{name: s, env: env.txt, type: Opaque}]\ngeneratorOptions: {labels: {g: g}}",
	"no hash":                 "configMapGenerator: [{name: settings, literals: [a=b], options: {disableNameSuffixHash: true, immutable: true}}]",
	"merging generator":       "resources: [list.yaml]\nconfigMapGenerator: [{name: one, behavior: merge, literals: [c=d]}]",
	"generator":               "generators: [generator.yaml]",
	"generator in place":      "generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: x}, name: y, literals: [a=b]}']",
	"transformer files":       "resources: [../base]\ntransformers: [labels.yaml, two.yaml]",
	"transformer folder":      "resources: [../base]\ntransformers: [../settings]",
	"transformer in place":    "resources: [../base]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: NamespaceTransformer\n  metadata: {name: n, namespace: there}\n  fieldSpecs: [{path: metadata/namespace, create: true}]",
	"validator":               "resources: [../base]\nvalidators: ['{apiVersion: builtin, kind: PatchTransformer, metadata: {name: v}, target: {kind: Service, name: none}, patch: \"[]\"}']",
	"replacements":            "resources: [../base]\nreplacements: [{path: replace.yaml}, {sourceValue: 'https://example.com', targets: [{select: {kind: Service}, fieldPaths: [spec.externalName], options: {create: true}}]}]",
	"vars":                    "resources: [../base]\nnamePrefix: v-\nvars: [{name: HOST, objref: {apiVersion: v1, kind: Service, name: web}, fieldref: {fieldPath: metadata.name}}]",
	"crds":                    "resources: [../base, thing.yaml]\nnamePrefix: x-\ncrds: [crd.json]",
	"configurations":          "resources: [../base, thing.yaml]\nnamePrefix: x-\nconfigurations: [config.yaml]",
	"openapi":                 "resources: [thing.yaml]\nopenapi: {path: schema.json}\npatches: [{patch: '{apiVersion: example.com/v1, kind: Thing, metadata: {name: thing}, spec: {parts: [{name: a, v: 9}]}}'}]",
	"without its schema":      "resources: [thing.yaml]\npatches: [{patch: '{apiVersion: example.com/v1, kind: Thing, metadata: {name: thing}, spec: {parts: [{name: a, v: 9}]}}'}]",
	"managed by":              "resources: [../base]\nbuildMetadata: [managedByLabel]",
	"origins":                 "resources: [../base]\nnamePrefix: a-\nbuildMetadata: [originAnnotations, transformerAnnotations]\nconfigMapGenerator: [{name: c, literals: [a=b]}]",
	"transformers alone":      "resources: [../base]\nnamePrefix: a-\nbuildMetadata: [transformerAnnotations]",
	"sorted":                  "resources: [../base, thing.yaml]\nsortOptions: {order: legacy, legacySortOptions: {orderFirst: [Service], orderLast: [Thing]}}",
	"in order":                "resources: [thing.yaml, ../base]\nsortOptions: {order: fifo}",
	"list and anchors":        "resources: [list.yaml]",
	"JSON":                    `{"resources": ["../base"], "namePrefix": "j-"}`,
	"anchors":                 "namePrefix: &p y-\nresources: [../base]\nnameSuffix: *p",
	"keys in any case":        "Resources: [../base]\nNAMEPREFIX: k-",
	"local configuration":     "resources: [../base, local.yaml]",
	"two documents":           "resources: [../base]\n---\nnamePrefix: never-",
	"a name of another kind":  "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\nmetadata: {name: x, annotations: {a: 'https://example.com'}}",
	"transformer of its part": "resources: [../base]\ntransformers: ['{apiVersion: builtin, kind: ReplicaCountTransformer, metadata: {name: r}, replica: {name: web, count: 7}, fieldSpecs: [{path: spec/replicas, kind: Deployment}]}']",
}

// TestKustomizeBuildsAllThatTheLibraryBuilds compares with the library itself
// on a folder of the disk.
func TestKustomizeBuildsAllThatTheLibraryBuilds(t *testing.T) {
	for name, overlay := range shopOverlays {
		t.Run(name, func(t *testing.T) {
			in := files(shop + "-- file o/local.yaml\n{apiVersion: v1, kind: Thing, metadata: {name: l, annotations: {config.kubernetes.io/local-config: 'true'}}}\n-- file o/kustomization.yaml\n" + overlay + "\n")
			dir := onDisk(t, in)
			want, wantErr := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(dir, "o"))
			result, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "o"})
			if err != nil || wantErr != nil {
				t.Fatalf("%v, and the library: %v", err, wantErr)
			}
			text, err := want.AsYaml()
			if err != nil {
				t.Fatal(err)
			}
			if got := yamlOf(t, result); got != normal(t, string(text)) {
				t.Errorf("rendered\n%s\nand the library:\n%s", got, normal(t, string(text)))
			}
		})
	}
}

// onDisk writes a tree to a folder.
func onDisk(t *testing.T, in tree) string {
	t.Helper()
	dir := t.TempDir()
	for name, file := range in.MapFS {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func yamlOf(t *testing.T, result *render.Result) string {
	t.Helper()
	var all string
	for _, o := range result.Objects {
		text, err := yaml.Marshal(o.Root.YAML())
		if err != nil {
			t.Fatal(err)
		}
		all += "---\n" + string(text)
	}
	return normal(t, all)
}

// normal is YAML with its keys in order and without its style.
func normal(t *testing.T, text string) string {
	t.Helper()
	var all string
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var plain any
		err := decoder.Decode(&plain)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if plain == nil {
			continue
		}
		out, err := yaml.Marshal(plain)
		if err != nil {
			t.Fatal(err)
		}
		all += "---\n" + string(out)
	}
}
