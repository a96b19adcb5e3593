package waive_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/waive"
	"github.com/rendergate/rendergate/render/manifest"
)

const source = `# rendergate:ignore host-pid -- reads other processes
# trivy:ignore:KSV-0010:exp:2027-01-31
apiVersion: apps/v1
kind: DaemonSet
spec:
  template:
    spec:
      {{- /* rendergate:ignore host-network, host-ipc -- the CNI */}}
      {{- if .Values.host }}
      hostNetwork: true
      {{- end }}
      containers:
      # rendergate:ignore privileged-container -- mounts disks
      - name: agent
        securityContext:
          {{- toYaml .Values.securityContext | nindent 10 }}
      - name: other
        image: app:latest  # rendergate:ignore image-latest -- mirrored
        args: ["# not a comment rendergate:ignore"]
{{/*
  rendergate:ignore cpu-limit -- bursts
*/}}
        resources: {}
---
# rendergate:ignore host-path
kind: Pod # checkov:skip=CKV_K8S_16,CKV_K8S_20:it must
`

func TestComments(t *testing.T) {
	var got []string
	for _, c := range waive.Comments([]byte(source)) {
		got = append(got, fmt.Sprintf("%d %d-%d %s %s %q %s", c.Line, c.Anchor, c.End, c.Notation, strings.Join(c.Names, "+"), c.Reason, c.Expires))
	}
	want := []string{
		`1 3-23 rendergate:ignore host-pid "reads other processes" `,
		`2 3-23 trivy:ignore KSV-0010 "" 2027-01-31`,
		`8 10-10 rendergate:ignore host-network+host-ipc "the CNI" `,
		`13 14-16 rendergate:ignore privileged-container "mounts disks" `,
		`18 18-18 rendergate:ignore image-latest "mirrored" `,
		`21 23-23 rendergate:ignore cpu-limit "bursts" `,
		`25 26-26 rendergate:ignore host-path "" `,
		`26 26-26 checkov:skip CKV_K8S_16+CKV_K8S_20 "it must" `,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCommentForms(t *testing.T) {
	for line, want := range map[string]string{
		"a: 1 # rendergate:ignore a,b -- why -- so": "a+b why -- so",
		"a: 1 #rendergate:ignore a -- why":          "a why",
		"a: 1 # rendergate:ignore a --":             "a ",
		"a: 1 # rendergate:ignore":                  " ",
		"a: 1 # rendergate:ignored a -- why":        "",
		"a: rendergate:ignore a -- why":             "",
		"a: x#rendergate:ignore a -- why":           "",
		"# see rendergate:ignore a -- why":          "a why",
		"# trivy:ignore:ksv017 #trivy:ignore:C":     "ksv017 # / C #",
		"# trivy:ignore:KSV-1[name=x]:ws:dev why":   "KSV-1 why",
		"# trivy:ignore:*":                          "",
		"# checkov:skip=CKV_K8S_1":                  "CKV_K8S_1 ",
		"{{/* checkov:skip=CKV_K8S_1: why */}}":     "CKV_K8S_1 why",
		"a: 1 # rendergate:ignore a -- \r":          "a ",
	} {
		var got []string
		for _, c := range waive.Comments([]byte(line)) {
			got = append(got, strings.Join(c.Names, "+")+" "+c.Reason)
		}
		if strings.Join(got, " / ") != want {
			t.Errorf("%s\n got %q, want %q", line, strings.Join(got, " / "), want)
		}
	}
}

func TestAnnotations(t *testing.T) {
	objects, err := manifest.Parse([]byte(`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    rendergate.dev/ignore.host-pid: reads other processes
    rendergate.dev/ignore.host-ipc: ""
    checkov.io/skip1: CKV_K8S_16=mounts = disks
    ignore-check.kube-linter.io/latest-tag: mirrored
    app.kubernetes.io/name: web
spec:
  template:
    metadata:
      annotations: {kube-score/ignore: "container-resources, service-type", bridgecrew.io/skip2: CKV_K8S_20}
    spec: {containers: [{name: app}]}
`), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range waive.Annotations(objects[0]) {
		got = append(got, fmt.Sprintf("%s %s %q %t", a.Key, strings.Join(a.Names, "+"), a.Reason, a.Own))
	}
	want := []string{
		`rendergate.dev/ignore.host-pid host-pid "reads other processes" true`,
		`rendergate.dev/ignore.host-ipc host-ipc "" true`,
		`checkov.io/skip1 CKV_K8S_16 "mounts = disks" false`,
		`ignore-check.kube-linter.io/latest-tag latest-tag "mirrored" false`,
		`kube-score/ignore cpu-limit+cpu-request+memory-limit+memory-request "" false`,
		`bridgecrew.io/skip2 CKV_K8S_20 "" false`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestPeersNames holds that what stands in for peers' names is a check of ours.
func TestPeersNames(t *testing.T) {
	for key, value := range map[string]string{
		"kube-score/ignore": "container-image-tag,container-resources,container-security-context,container-security-context-privileged," +
			"container-security-context-readonlyrootfilesystem,container-security-context-user-group-id,container-seccomp-profile,pod-networkpolicy,pod-probes",
	} {
		a, ok := waive.ReadAnnotation(key, value)
		if unknown := waive.Unknown(a.Names); !ok || len(unknown) > 0 {
			t.Errorf("%s names %v, which are no checks", key, unknown)
		}
	}
	all, _ := waive.ReadAnnotation("kube-linter.io/ignore-all", "")
	for id, want := range map[string]bool{"privileged-container": true, "image-latest": true, "chart-version-floating": false} {
		if all.About(checks.Find(checks.All, id)) != want {
			t.Errorf("kube-linter's word for everything is about %s: %t", id, !want)
		}
	}
}

func TestCovers(t *testing.T) {
	f := checks.Finding{
		Check: checks.Find(checks.All, "privileged-container"), Object: manifest.Ref{Kind: "DaemonSet", Namespace: "monitoring", Name: "node-agent"},
		Subject: manifest.Subject{Container: "containers[agent]"},
	}
	at := waive.Place{Targets: []string{"overlays/prod@x", "overlays/prod"}, Environments: []string{"overlays/prod/**"}}
	for text, want := range map[string]bool{
		"{check: privileged-container, reason: r}":                                    true,
		"{check: CKV_K8S_16, reason: r}":                                              true,
		"{check: AVD-KSV-0017, reason: r}":                                            true,
		"{check: KSV017, reason: r}":                                                  true,
		"{check: host-pid, reason: r}":                                                false,
		"{check: KSV017, reason: r, object: DaemonSet/monitoring/node-*}":             true,
		"{check: KSV017, reason: r, object: DaemonSet/node-agent}":                    true,
		"{check: KSV017, reason: r, object: DaemonSet//node-agent}":                   false,
		"{check: KSV017, reason: r, object: '*/*/*'}":                                 true,
		"{check: KSV017, reason: r, object: DaemonSet/default/node-agent}":            false,
		"{check: KSV017, reason: r, container: agent}":                                true,
		"{check: KSV017, reason: r, container: age}":                                  false,
		"{check: KSV017, reason: r, target: overlays/prod}":                           true,
		"{check: KSV017, reason: r, target: overlays/prod/}":                          true,
		"{check: KSV017, reason: r, target: 'overlays/**'}":                           true,
		"{check: KSV017, reason: r, target: 'overlays/dev'}":                          false,
		"{check: KSV017, reason: r, environment: overlays/prod/**}":                   true,
		"{check: KSV017, reason: r, environment: dev}":                                false,
		"{check: KSV017, reason: r, target: overlays/prod, environment: dev}":         false,
		"{check: KSV017, reason: r, object: DaemonSet/monitoring/node-agent/x/y/z/a}": false,
	} {
		entries, err := config.ParseWaivers("w.yaml", []byte("- "+text+"\n"))
		if err != nil {
			if want {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if got := waive.Covers(entries[0], f, at); got != want {
			t.Errorf("%s covers it: %t", text, got)
		}
	}
}

func FuzzComments(f *testing.F) {
	f.Add([]byte(source))
	f.Add([]byte("{{/* rendergate:ignore a */}}\n- a:\n  b: 1\n{{ x | indent 9999 }}"))
	f.Add([]byte("# trivy:ignore:KSV-0010:exp::exp:x\n# checkov:skip=\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := strings.Count(string(data), "\n") + 1
		for _, c := range waive.Comments(data) {
			if c.Line < 1 || c.Anchor < c.Line || c.End < c.Anchor || c.End > lines || len(c.Names) > 32 || strings.Contains(c.Reason, "\n") {
				t.Errorf("%+v of %d lines", c, lines)
			}
			if !c.About(c.Line, true) || !c.About(c.Anchor, true) {
				t.Errorf("%+v is not about its own lines", c)
			}
		}
	})
}

func FuzzAnnotation(f *testing.F) {
	f.Add("rendergate.dev/ignore.host-pid", "why")
	f.Add("checkov.io/skip1", "CKV_K8S_1=a=b")
	f.Add("kube-score/ignore", "pod-probes,,x")
	f.Fuzz(func(t *testing.T, key, value string) {
		a, ok := waive.ReadAnnotation(key, value)
		if ok && (len(a.Names) == 0 || strings.Contains(a.Reason, "\n")) {
			t.Errorf("%q: %q gives %+v", key, value, a)
		}
	})
}
