package render

import (
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// One look at each name must tell what the names of all files together say.
func TestLayoutIsWhatTheNamesSay(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	folders := []string{"charts", "a", "a-b", "templates", "ci", "values", "environments", ".hidden", "prod", "requirements.yaml"}
	names := []string{"Chart.yaml", "values.yaml", "values-prod.yaml", "x.json", "test.yml", "kustomization.yaml", "Kustomization", "notes.txt", "ci", "charts", "requirements.yaml", "a"}
	for range 300 {
		tree := fstest.MapFS{}
		for range 1 + random.IntN(25) {
			dir := "."
			for range random.IntN(4) {
				dir = path.Join(dir, folders[random.IntN(len(folders))])
			}
			tree[path.Join(dir, names[random.IntN(len(names))])] = &fstest.MapFile{Data: []byte("name: a\n")}
		}
		files := sortedKeys(tree)
		files = slices.DeleteFunc(files, func(name string) bool { // a file that is a folder too
			return slices.ContainsFunc(files, func(other string) bool { return strings.HasPrefix(other, name+"/") })
		})
		checkLayout(t, files)
		if t.Failed() {
			t.Fatal(files)
		}
	}
}

func checkLayout(t *testing.T, files []string) {
	t.Helper()
	l := newLayout(files)
	var charts, kustomizations, manifests []string
	dirs := map[string]bool{".": true}
	for _, name := range files {
		for dir := path.Dir(name); !dirs[dir]; dir = path.Dir(dir) {
			dirs[dir] = true
		}
		switch dir := path.Dir(name); {
		case path.Base(name) == "Chart.yaml":
			charts = append(charts, dir)
		case slices.Contains(kustomizationNames, path.Base(name)):
			kustomizations = append(kustomizations, name)
		}
		if dir := path.Dir(name); isYAML(name) && !slices.Contains(manifests, dir) {
			manifests = append(manifests, dir)
		}
	}
	if !slices.Equal(l.charts, charts) || !slices.Equal(l.kustomizations, kustomizations) || !slices.Equal(l.manifests, manifests) {
		t.Errorf("got %+v, want charts %v, kustomizations %v, manifests %v", l, charts, kustomizations, manifests)
	}
	for dir := range dirs {
		has := func(name string) bool {
			return dirs[path.Join(dir, name)] || slices.Contains(files, path.Join(dir, name))
		}
		if l.isChart[dir] != slices.Contains(charts, dir) {
			t.Errorf("%s: chart %v", dir, l.isChart[dir])
		}
		if want := has("charts") || has("requirements.yaml"); l.parts[dir] != want {
			t.Errorf("%s: parts %v", dir, l.parts[dir])
		}
		if want := slices.ContainsFunc(charts, func(chart string) bool {
			return dir != chart && under(dir, path.Join(chart, "charts")) && dir != path.Join(chart, "charts")
		}); l.nested(dir) != want {
			t.Errorf("%s: nested %v", dir, !want)
		}
		if want := slices.ContainsFunc(charts, func(chart string) bool { return chart != "." && under(dir, chart) }); want && !l.inChart(dir) {
			t.Errorf("%s: in no chart", dir)
		}
	}
	for _, name := range files {
		if want := slices.ContainsFunc(charts, func(chart string) bool {
			return under(name, path.Join(chart, "templates")) || under(name, path.Join(chart, "charts"))
		}); l.inTemplates(name) != want {
			t.Errorf("%s: in templates %v", name, !want)
		}
		if dir := path.Dir(name); isYAML(name) {
			for chart := range dirs {
				if variant, _ := Conventional(chart, name); variant && !l.varied[chart] {
					t.Errorf("%s: has no variant %s of %s", chart, name, dir)
				}
			}
		}
	}
}

// changed is a tree that says what it is a change of.
type changed struct {
	fstest.MapFS
	before fs.FS
	differ []string
	known  map[string]any
}

func (c *changed) Since() (fs.FS, []string) { return c.before, c.differ }
func (c *changed) Derive(key string, build func() any) any {
	if _, ok := c.known[key]; !ok {
		c.known[key] = build()
	}
	return c.known[key]
}
func (c *changed) DeriveFrom(_, _ string, build func() any) any { return build() }

func TestGlancesFollowAChange(t *testing.T) {
	chart := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	base := &changed{MapFS: fstest.MapFS{
		"a/Chart.yaml": chart("name: a\n"), "b/Chart.yaml": chart("name: b\ntype: library\n"), "c/Chart.yaml": chart("name: c\n"), "d/Chart.yaml": chart("name: d\n"),
	}, known: map[string]any{}}
	head := &changed{MapFS: fstest.MapFS{
		"a/Chart.yaml": chart("name: a\n"), "b/Chart.yaml": chart("name: b\n"), "c/Chart.yaml": chart("name: c\ndependencies: []\n"), "e/Chart.yaml": chart("type: library\n"),
	}, before: base, differ: []string{"b/Chart.yaml", "c/Chart.yaml", "d/Chart.yaml", "e/Chart.yaml"}, known: map[string]any{}}
	for _, tree := range []*changed{head, base} {
		for dir := range ChartDirs(tree) {
			if got, want := glanceAt(tree, dir), newGlance(tree, dir); got != want {
				t.Errorf("%s: got %+v, want %+v", dir, got, want)
			}
		}
	}
	if !glanceAt(base, "b").library || glanceAt(head, "b").library || !glanceAt(head, "c").depends || !glanceAt(head, "e").library {
		t.Error("glances", glancesOf(base), glancesOf(head))
	}
}
