package blame_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/blame"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// place makes a repository of both sides of a chart and places what is new.
func place(t *testing.T, base, head map[string]string, probes int) []string {
	t.Helper()
	change := changeOf(t, base, head)
	target := render.Target{Kind: render.Helm, Dir: "."}
	judge := func(tree *git.Tree) ([]*manifest.Object, []checks.Finding, error) {
		result, err := render.Render(tree, target)
		if err != nil {
			return nil, nil, err
		}
		rules, err := checks.Rules(checks.All, checks.Selection{})
		if err != nil {
			return nil, nil, err
		}
		found, err := checks.Judge(rules, ".", result.Judged(), checks.Settings{})
		return result.Judged(), found, err
	}
	before, old, err := judge(change.Base)
	if err != nil {
		t.Fatal(err)
	}
	objects, found, err := judge(change.Head)
	if err != nil {
		t.Fatal(err)
	}
	compared := delta.Compare(delta.Match(before, objects, nil), old, found)
	traced := func(tree *git.Tree) []*manifest.Object {
		with := target
		with.Traced = true
		result, err := render.Render(tree, with)
		if err != nil {
			t.Fatal(err)
		}
		return result.Judged()
	}
	var got []string
	for i, at := range blame.Place(blame.Case{
		Change: change, Inputs: func(string) bool { return true }, Objects: objects, Findings: compared.New, Judge: judge, Target: "Chart.yaml", Probes: probes,
		Traced: func() (base, head []*manifest.Object) { return traced(change.Base), traced(change.Head) },
	}) {
		line := fmt.Sprintf("%s %s:%d-%d %s %s", compared.New[i].Check.ID, at.Path, at.Line, at.EndLine, at.Side, at.Level)
		for _, step := range at.Trail {
			line += fmt.Sprintf(" | %s:%d %s", step.Path, step.Line, step.What)
		}
		got = append(got, line)
	}
	return got
}

func changeOf(t *testing.T, base, head map[string]string) *git.Change {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	run := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	run("init", "--quiet")
	for i, files := range []map[string]string{base, head} {
		run("rm", "--quiet", "-r", "--ignore-unmatch", ".")
		for name, text := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		run("add", "--all")
		run("commit", "--quiet", "-m", "x")
		run("tag", fmt.Sprint("v", i))
	}
	repo, err := git.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := repo.Close(); err != nil {
			t.Error(err)
		}
	})
	b, err := repo.Resolve(context.Background(), "v0")
	if err != nil {
		t.Fatal(err)
	}
	h, err := repo.Resolve(context.Background(), "v1")
	if err != nil {
		t.Fatal(err)
	}
	change, err := repo.Change(context.Background(), b, h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(change.Head, "Chart.yaml"); err != nil {
		t.Fatal(err)
	}
	return change
}

const pod = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  automountServiceAccountToken: false
  hostNetwork: {{ .Values.network }}
  hostPID: {{ and .Values.one .Values.two }}
  hostIPC: {{ or .Values.one .Values.two }}
  containers:
    - name: app
      image: registry.example.com/app:{{ .Chart.AppVersion }}
      resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}
      securityContext:
        {{- toYaml .Values.security | nindent 8 }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all}
spec: {podSelector: {}}
`

const secure = `security:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  seccompProfile: {type: RuntimeDefault}
  capabilities: {drop: [ALL]}
network: false
one: false
two: false
`

const about = "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: '1'\n"

func with(values, template string) map[string]string {
	return map[string]string{"Chart.yaml": about, "values.yaml": values, "templates/pod.yaml": template}
}

func TestPlace(t *testing.T) {
	edit := func(text, old, now string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(text, old, now, 1)
	}
	// The security context slips out of the container that it belongs to.
	indented := edit(pod, "      securityContext:\n        {{- toYaml .Values.security | nindent 8 }}\n", "  securityContext:\n    {{- toYaml .Values.security | nindent 4 }}\n")
	emptied := "security: {}\nnetwork: false\none: false\ntwo: false\n"
	for name, c := range map[string]struct {
		head map[string]string
		want string
	}{
		"edited value":      {with(edit(secure, "network: false", "network: true"), pod), "host-network values.yaml:7-7 head line"},
		"edited template":   {with(secure, edit(pod, "hostNetwork: {{ .Values.network }}", "hostNetwork: true")), "host-network templates/pod.yaml:6-6 head line"},
		"added value":       {with(edit(secure, "security:\n", "security:\n  privileged: true\n"), pod), "privileged-container values.yaml:2-2 head line"},
		"deleted value":     {with(edit(secure, "  runAsNonRoot: true\n", ""), pod), "run-as-non-root values.yaml:4-4 base line"},
		"one of many edits": {with(edit("# Settings.\n"+secure, "network: false", "# On.\nnetwork: true"), pod), "host-network values.yaml:9-9 head line"},
		"only two together": {with(edit(edit(secure, "one: false", "one: true"), "two: false", "two: true"), pod), "host-ipc values.yaml:8-9 head hunk"},
		"either of two":     {with(edit(edit(secure, "one: false", "one: true"), "two: false", "two: true"), pod), "host-pid values.yaml:8-8 head line"},
		"deleted in a list": {with(edit(secure, "drop: [ALL]", "drop: [NET_RAW]"), pod), "cap-not-dropped values.yaml:6-6 head line"},
		"new file breaks":   {map[string]string{"Chart.yaml": about, "values.yaml": secure, "templates/pod.yaml": pod, "templates/more.yaml": more}, "privileged-container templates/more.yaml:8-8 head line"},
		"lost block":        {with(strings.Replace(secure, "  capabilities: {drop: [ALL]}\n", "", 1), pod), "cap-not-dropped values.yaml:6-6 base line"},
		"emptied map":       {with(emptied, pod), "run-as-non-root values.yaml:1-1 head hunk"},
		"indented anew":     {with(secure, indented), "cap-not-dropped templates/pod.yaml:"},
		"called like it":    {map[string]string{"Chart.yaml": edit(about, "name: web", "name: site"), "values.yaml": secure, "templates/pod.yaml": pod, "templates/more.yaml": edit(more, "- name: more", "- name: {{ .Chart.Name }}")}, "cap-not-dropped templates/more.yaml:6-6 head line"},
		"comment beside":    {with(edit(secure, "network: false", "# x\nnetwork: yes"), edit(pod, "kind: Pod", "kind: Pod # y")), "host-network values.yaml:8-8 head line"},
	} {
		t.Run(name, func(t *testing.T) {
			got := place(t, with(secure, pod), c.head, 200)
			found := false
			for _, line := range got {
				found = found || strings.HasPrefix(line, c.want)
			}
			if !found {
				t.Errorf("got\n%s\nwant %s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

// TestPlaceWithoutProbes holds that what was not spent is not claimed: a trace
// still tells the line, and says that it is no more than that.
func TestPlaceWithoutProbes(t *testing.T) {
	got := place(t, with(secure, pod), with(strings.Replace(secure, "network: false", "network: true", 1), pod), 0)
	if len(got) != 1 || !strings.HasPrefix(got[0], "host-network values.yaml:7-7 head line") {
		t.Errorf("got %q", got)
	}
	got = place(t, with(secure, pod), with(strings.Replace(secure, "  runAsNonRoot: true\n", "", 1), pod), 0)
	if len(got) != 1 || !strings.HasPrefix(got[0], "run-as-non-root templates/pod.yaml:0-0 head file") {
		t.Errorf("got %q", got)
	}
	role := map[string]string{"Chart.yaml": about, "templates/role.yaml": reader}
	for old, now := range map[string]string{
		"  - ''\n":    "  - ''\n  - apps\n",
		"  verbs:\n":  "  verbs:\n  - patch\n",
		"  - pods\n":  "  - pods\n  - pods/exec\n",
		"[get, list]": "[get, list, watch]",
	} {
		head := map[string]string{"Chart.yaml": about, "templates/role.yaml": strings.Replace(reader, old, now, 1)}
		got := place(t, role, head, 0)
		if len(got) == 0 {
			t.Errorf("nothing is new with %q instead of %q", now, old)
		}
		for _, line := range got {
			if !strings.Contains(line, " head line") {
				t.Errorf("%q instead of %q is placed at %s", now, old, line)
			}
		}
	}
}

// reader is a role whose rules are widened in one of their parts.
const reader = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- apiGroups: ['']
  resources:
  - pods
  verbs:
  - get
  - create
- apiGroups:
  - ''
  resources: ["*"]
  verbs: [get, list]
`

const more = `apiVersion: v1
kind: Pod
metadata: {name: more}
spec:
  containers:
    - name: more
      image: registry.example.com/more:1
      securityContext: {privileged: true}
`
