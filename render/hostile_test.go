package render_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rendergate/rendergate/render"
)

// bomb is a document that its anchors would blow up to 10^levels values.
func bomb(levels int, key string) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i <= levels; i++ {
		alias := fmt.Sprintf("*a%d", i-1)
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.Join([]string{alias, alias, alias, alias, alias, alias, alias, alias, alias, alias}, ","))
	}
	fmt.Fprintf(&b, "%s: *a%d\n", key, levels)
	return b.String()
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"

// hostileTree is a tree that means harm, and how its render ends.
type hostileTree struct {
	in   map[string]string
	want string // part of the error; empty: it renders
}

func hostileTrees() map[string]hostileTree {
	deep := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
	blocks := strings.Builder{}
	for i := range 2_000 {
		blocks.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return map[string]hostileTree{
		"a path out":              {map[string]string{"o/kustomization.yaml": "resources: [../../../etc/passwd]"}, "etc/passwd"},
		"an absolute path":        {map[string]string{"o/kustomization.yaml": "resources: [/etc/passwd]"}, "/etc/passwd"},
		"an absolute file":        {map[string]string{"o/kustomization.yaml": "configMapGenerator: [{name: a, files: [/etc/passwd]}]"}, "etc/passwd"},
		"an absolute values":      {map[string]string{"o/kustomization.yaml": "helmCharts: [{name: c, valuesFile: /etc/passwd}]", "o/charts/c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0"}, "outside of the tree"},
		"values out":              {map[string]string{"o/kustomization.yaml": "helmCharts: [{name: c, additionalValuesFiles: [../../../etc/passwd]}]", "o/charts/c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0"}, "outside of the tree"},
		"a chart out":             {map[string]string{"o/kustomization.yaml": "helmCharts: [{name: ../../../../etc}]"}, "outside of the tree"},
		"another folder's file":   {map[string]string{"o/kustomization.yaml": "resources: [../b/pod.yaml]", "b/pod.yaml": pod}, "security"},
		"itself":                  {map[string]string{"o/kustomization.yaml": "resources: [.]"}, "builds upon itself"},
		"its parent":              {map[string]string{"kustomization.yaml": "resources: [o]", "o/kustomization.yaml": "resources: [..]"}, "builds upon itself"},
		"a circle":                {map[string]string{"o/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "components: [../o]"}, "builds upon itself"},
		"a circle of settings":    {map[string]string{"o/kustomization.yaml": "transformers: [../b]", "b/kustomization.yaml": "generators: [../o]"}, "builds upon itself"},
		"many documents":          {map[string]string{"o/kustomization.yaml": "resources: [a.yaml]", "o/a.yaml": many(1_000)}, ""},
		"aliases in itself":       {map[string]string{"o/kustomization.yaml": bomb(9, "resources")}, "o/kustomization.yaml"},
		"aliases in a resource":   {map[string]string{"o/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: a-", "o/a.yaml": pod + bomb(9, "spec")}, "o/"},
		"aliases in a patch":      {map[string]string{"o/kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]", "o/a.yaml": pod, "o/p.yaml": pod + bomb(9, "spec")}, "o/"},
		"aliases in settings":     {map[string]string{"o/kustomization.yaml": "transformers: [a.yaml]", "o/a.yaml": "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: x}\n" + bomb(9, "labels")}, "anchors"},
		"aliases in place":        {map[string]string{"o/kustomization.yaml": "resources: [a.yaml]\npatches:\n- patch: |-\n" + strings.ReplaceAll("\n"+pod+bomb(9, "spec"), "\n", "\n    "), "o/a.yaml": pod}, "anchors"},
		"aliases in values":       {map[string]string{"o/kustomization.yaml": "helmCharts: [{name: c, valuesFile: v.yaml, valuesInline: {a: b}}]", "o/v.yaml": bomb(9, "x"), "o/charts/c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0"}, "alias"},
		"nesting in itself":       {map[string]string{"o/kustomization.yaml": "resources: " + deep}, "o/kustomization.yaml"},
		"nesting in a resource":   {map[string]string{"o/kustomization.yaml": "resources: [a.yaml]", "o/a.yaml": pod + "spec: " + deep}, "depth"},
		"blocks in a resource":    {map[string]string{"o/kustomization.yaml": "resources: [a.yaml]\ncommonLabels: {a: b}", "o/a.yaml": pod + "spec:\n" + indented(blocks.String())}, ""},
		"a gigantic generator":    {map[string]string{"o/kustomization.yaml": "configMapGenerator: [{name: a, literals: [" + literals(3_000) + "]}]"}, ""},
		"many generators":         {map[string]string{"o/kustomization.yaml": "configMapGenerator: [" + strings.Repeat("{name: a, literals: [a=b]},", 5_000) + "]"}, "behavior must be merge or replace"},
		"doubling":                {doubling(30), "more than 10000 kustomizations"},
		"a long chain":            {chain(200), "more than 64 deep"},
		"an empty kustomization":  {map[string]string{"o/kustomization.yaml": ""}, ""},
		"not a mapping":           {map[string]string{"o/kustomization.yaml": "[a, b]"}, "o/kustomization.yaml"},
		"odd types":               {map[string]string{"o/kustomization.yaml": "resources: {a: b}\npatches: text\nhelmCharts: 5"}, "o/kustomization.yaml"},
		"null everywhere":         {map[string]string{"o/kustomization.yaml": "resources: [null]\npatches: [null]\nhelmGlobals: null\ngenerators: [null]\ntransformers: ['']"}, "builds upon itself"},
		"two kustomizations":      {map[string]string{"o/kustomization.yaml": "namePrefix: a", "o/Kustomization": "namePrefix: b"}, "multiple"},
		"a component of no chart": {map[string]string{"o/kustomization.yaml": "components: [.rendergate-chart-0]"}, "not a valid directory"},
	}
}

// TestHostileTreesEnd: each render ends soon, with an error that says something
// or with a result, and nothing outside of the tree is read.
func TestHostileTreesEnd(t *testing.T) {
	for name, tc := range hostileTrees() {
		t.Run(name, func(t *testing.T) {
			in := fstest.MapFS{}
			for file, text := range tc.in {
				in[file] = &fstest.MapFile{Data: []byte(text)}
			}
			start := time.Now()
			target := render.Target{Kind: render.Kustomize, Dir: "o"}
			_ = render.Inputs(in, target)
			result, err := render.Render(in, target)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("does not render: %.300v", err)
			case tc.want != "" && err == nil:
				t.Errorf("renders %d objects", len(result.Objects))
			case tc.want != "" && !strings.Contains(err.Error(), tc.want):
				t.Errorf("%.500v, want %q", err, tc.want)
			}
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d}\n", i)
	}
	return b.String()
}

func literals(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("k%d=v", i)
	}
	return strings.Join(all, ",")
}

func indented(text string) string {
	return " " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n ") + "\n"
}

// doubling are bases that each name the next one twice, under two names.
func doubling(n int) map[string]string {
	in := map[string]string{"o/kustomization.yaml": "resources: [../x0, ../y0]"}
	for i := range n {
		next := fmt.Sprintf("resources: [../x%d, ../y%d]", i+1, i+1)
		in[fmt.Sprintf("x%d/kustomization.yaml", i)] = next + "\nnamePrefix: x-"
		in[fmt.Sprintf("y%d/kustomization.yaml", i)] = next + "\nnamePrefix: y-"
	}
	for _, side := range []string{"x", "y"} {
		in[fmt.Sprintf("%s%d/kustomization.yaml", side, n)] = "configMapGenerator: [{name: c" + side + ", literals: [a=b]}]"
	}
	return in
}

func chain(n int) map[string]string {
	in := map[string]string{"o/kustomization.yaml": "resources: [../c0]"}
	for i := range n {
		in[fmt.Sprintf("c%d/kustomization.yaml", i)] = fmt.Sprintf("resources: [../c%d]", i+1)
	}
	in[fmt.Sprintf("c%d/kustomization.yaml", n)] = "namePrefix: a-"
	return in
}

func TestHostileManifestsEnd(t *testing.T) {
	in := files("-- file k8s/good.yaml\n" + pod)
	in.MapFS["k8s/bomb.yaml"] = &fstest.MapFile{Data: []byte(pod + bomb(9, "spec"))}
	in.MapFS["k8s/deep.yaml"] = &fstest.MapFile{Data: []byte(pod + "spec: " + strings.Repeat("[", 200_000))}
	in.MapFS["k8s/many.yaml"] = &fstest.MapFile{Data: []byte(many(10_000))}
	in.MapFS["k8s/link.yaml"] = &fstest.MapFile{Data: []byte("../../etc/passwd"), Mode: fs.ModeSymlink}
	start := time.Now()
	result, err := render.Render(in, render.Target{Kind: render.Manifests, Dir: "k8s"})
	if err != nil || len(result.Objects) != 10_001 || len(result.Skipped) != 3 {
		t.Fatalf("%d objects, skipped %+v, %v", len(result.Objects), result.Skipped, err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
}
