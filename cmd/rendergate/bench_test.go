package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
)

// The benchmarks compare whole processes with a yardstick measured in the same
// run: on a shared machine only ratios mean anything.

// BenchmarkCheck is a check of one changed chart among 44, against rendering
// that chart twice in process plus one start of the program. The goal is a
// ratio of at most 3.
func BenchmarkCheck(b *testing.B) {
	bench := newBench(b)
	repo := bench.charts(44)
	target := render.Target{Kind: render.Helm, Dir: "charts/app-07"}
	tree := treeOf(b, repo)
	var checked, yardstick time.Duration
	for b.Loop() {
		checked += bench.process(exitNew, "check", "--repo", repo, "--base", "main~1", "--head", "main")
		yardstick += bench.process(exitPass, "version") + measure(func() {
			for range 2 {
				if _, err := render.Render(tree, target); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.ReportMetric(float64(checked)/float64(yardstick), "ratio")
	b.ReportMetric(float64(checked.Milliseconds())/float64(b.N), "ms/check")
}

// BenchmarkHook is a commit to one chart among 44, against rendering that chart
// twice in process plus one start of the program, as BenchmarkCheck is. The median
// of the pairs says how they compare where other programs run beside; beyond is
// what the hook takes beyond one start, in renders of both sides. The commit makes
// the chart worse, so that its cause and an edit are looked for, which takes more
// renders; harmless is the same for a commit that only adds a label. One that
// touches no chart is told beside it, against the start alone.
func BenchmarkHook(b *testing.B) {
	bench := newBench(b)
	repo := bench.charts(44)
	target := render.Target{Kind: render.Helm, Dir: "charts/app-07"}
	tree := treeOf(b, repo)
	bench.must(demoGit(b.Context(), repo, "reset", "--quiet", "--soft", "main~1"))
	idle := bench.charts(43)
	bench.must(demoGit(b.Context(), idle, "reset", "--quiet", "--hard", "main~1"))
	bench.must(os.WriteFile(filepath.Join(idle, "README.md"), []byte("# Read me\n"), 0o644))
	bench.must(demoGit(b.Context(), idle, "add", "--all"))
	harmless := bench.charts(45)
	bench.must(demoGit(b.Context(), harmless, "reset", "--quiet", "--hard", "main~1"))
	bench.must(os.WriteFile(filepath.Join(harmless, "charts/app-07/templates/_helpers.tpl"), []byte(`{{- define "labels" }}`+"\napp: {{ .Chart.Name }}\ntier: web\n{{- end }}\n"), 0o644))
	bench.must(demoGit(b.Context(), harmless, "add", "--all"))
	bench.process(exitNew, "hook", "--repo", repo)
	var ratios, quiet, beyond, nothing []float64
	for b.Loop() {
		start := bench.process(exitPass, "version")
		renders := measure(func() {
			for range 2 {
				if _, err := render.Render(tree, target); err != nil {
					b.Fatal(err)
				}
			}
		})
		hook := bench.process(exitNew, "hook", "--repo", repo)
		ratios = append(ratios, float64(hook)/float64(start+renders))
		quiet = append(quiet, float64(bench.process(exitPass, "hook", "--repo", harmless))/float64(start+renders))
		beyond = append(beyond, float64(hook-start)/float64(renders))
		nothing = append(nothing, float64(bench.process(exitPass, "hook", "--repo", idle))/float64(start))
	}
	b.ReportMetric(middle(ratios), "ratio")
	b.ReportMetric(middle(quiet), "harmless")
	b.ReportMetric(middle(beyond), "beyond")
	b.ReportMetric(middle(nothing), "nothing/version")
}

func middle(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkScale is a check of one changed chart among more and more that are
// not changed, against the same among 10. The goal is at most 1.2 for 1,000.
func BenchmarkScale(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			bench := newBench(b)
			few, many := bench.charts(10), bench.charts(n)
			check := func(repo string) time.Duration {
				return bench.process(exitNew, "check", "--repo", repo, "--base", "main~1", "--head", "main")
			}
			check(few)
			check(many)
			var among10, amongMany []time.Duration
			for b.Loop() {
				among10 = append(among10, check(few))
				amongMany = append(amongMany, check(many))
			}
			b.ReportMetric(float64(median(amongMany))/float64(median(among10)), "ratio")
			b.ReportMetric(float64(median(amongMany).Milliseconds()), "ms/check")
		})
	}
}

// BenchmarkAllChanged is a check of charts that all changed (a comment atop
// every template), against rendering them all twice in one process with helm's
// own engine. The goal is at most 1.5. RENDERGATE_BENCH_REPO names a clone of a
// repository of real charts to measure on; without it charts are made up.
func BenchmarkAllChanged(b *testing.B) {
	bench := newBench(b)
	var repo string
	if real := os.Getenv("RENDERGATE_BENCH_REPO"); real != "" {
		repo = filepath.Join(bench.dir, "real")
		bench.must(exec.Command("git", "clone", "--quiet", "--shared", real, repo).Run())
		bench.must(demoGit(b.Context(), repo, "checkout", "--quiet", "-B", "main"))
	} else {
		repo = bench.charts(44)
	}
	templates, err := filepath.Glob(filepath.Join(repo, "charts/*/templates/*.yaml"))
	bench.must(err)
	for _, name := range templates {
		data, err := os.ReadFile(name)
		bench.must(err)
		bench.must(os.WriteFile(name, append([]byte("{{/* a comment */}}\n"), data...), 0o644))
	}
	bench.must(demoGit(b.Context(), repo, "commit", "--quiet", "--all", "-m", "comments"))
	targets := bench.chartTargets(repo)
	var checked, yardstick time.Duration
	for b.Loop() {
		checked += measure(func() {
			out, err := exec.Command(bench.program, "check", "--repo", repo, "--base", "main~1", "--head", "main").Output()
			var end *exec.ExitError
			if err != nil && (!errors.As(err, &end) || end.ExitCode() != exitUndecided) {
				b.Fatalf("%v: %s", err, out)
			}
		})
		yardstick += measure(func() {
			for _, values := range slices.Concat(targets, targets) {
				stockRender(values)
			}
		})
	}
	b.ReportMetric(float64(checked)/float64(yardstick), "ratio")
	b.ReportMetric(float64(checked.Milliseconds())/float64(b.N), "ms/check")
	b.ReportMetric(float64(len(targets)), "targets")
}

// stockTarget is a chart's folder, and a values file over its own.
type stockTarget struct{ dir, values string }

// chartTargets are the charts of a repository with their variants by
// convention, which a check renders as well.
func (b bench) chartTargets(repo string) []stockTarget {
	names, err := filepath.Glob(filepath.Join(repo, "charts/*/Chart.yaml"))
	b.must(err)
	var all []stockTarget
	for _, name := range names {
		dir := filepath.Dir(name)
		all = append(all, stockTarget{dir: dir})
		for _, v := range render.Variants(os.DirFS(repo), "charts/"+filepath.Base(dir)) {
			all = append(all, stockTarget{dir, filepath.Join(dir, filepath.FromSlash(v.Values[0]))})
		}
	}
	return all
}

// stockRender renders a target with helm's own engine. What helm cannot render
// so costs what it costs until then.
func stockRender(t stockTarget) {
	c, err := loader.LoadDir(t.dir)
	if err != nil {
		return
	}
	over := chartutil.Values{}
	if t.values != "" {
		if over, err = chartutil.ReadValuesFile(t.values); err != nil {
			return
		}
	}
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: render.DefaultKubeVersion, Major: "1", Minor: "37"}
	c.Metadata.Dependencies = slices.DeleteFunc(c.Metadata.Dependencies, func(*chart.Dependency) bool { return len(c.Dependencies()) == 0 })
	values, err := chartutil.ToRenderValues(c, over, chartutil.ReleaseOptions{Name: "release-name", Namespace: "default", IsInstall: true}, caps)
	if err != nil {
		return
	}
	_, _ = engine.Render(c, values) // what fails is measured as well
}

type bench struct {
	*testing.B
	dir, program string
}

func newBench(b *testing.B) bench {
	b.Helper()
	x := bench{b, b.TempDir(), ""}
	x.program = filepath.Join(x.dir, "rendergate")
	out, err := exec.Command("go", "build", "-o", x.program, ".").CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return x
}

func (b bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func measure(run func()) time.Duration {
	start := time.Now()
	run()
	return time.Since(start)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// process measures a run of the program that ends with the wanted exit code.
func (b bench) process(want int, args ...string) time.Duration {
	b.Helper()
	return measure(func() {
		err := exec.Command(b.program, args...).Run()
		var end *exec.ExitError
		if err != nil && (!errors.As(err, &end) || end.ExitCode() != want) || err == nil && want != 0 {
			b.Fatalf("%v: %v, want exit %d", args, err, want)
		}
	})
}

// charts is a repository of that many charts, one of which becomes worse.
func (b bench) charts(n int) string {
	b.Helper()
	repo := filepath.Join(b.dir, fmt.Sprint("charts-", n))
	b.must(writeCharts(repo, n))
	git := func(args ...string) { b.must(demoGit(b.Context(), repo, args...)) }
	git("init", "--quiet", "--initial-branch", "main")
	git("add", "--all")
	git("commit", "--quiet", "-m", "base")
	values := filepath.Join(repo, "charts/app-07/values.yaml")
	data, err := os.ReadFile(values)
	b.must(err)
	b.must(os.WriteFile(values, []byte(strings.Replace(string(data), "privileged: false", "privileged: true", 1)), 0o644))
	git("commit", "--quiet", "--all", "-m", "head")
	git("repack", "-a", "-d", "--quiet") // as a clone is
	return repo
}

// treeOf outlives the benchmark's own context, which ends before the clean-up.
func treeOf(b *testing.B, dir string) fs.FS {
	b.Helper()
	repo, err := git.Open(context.Background(), dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := repo.Close(); err != nil {
			b.Error(err)
		}
	})
	revision, err := repo.Resolve(context.Background(), "main")
	if err != nil {
		b.Fatal(err)
	}
	tree, err := repo.Tree(context.Background(), revision)
	if err != nil {
		b.Fatal(err)
	}
	return tree
}
