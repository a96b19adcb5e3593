package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// charts N writes that many charts into the current folder, each with a
// handful of templates full of old findings.
func charts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: charts N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(writeCharts(ts.MkAbs("."), n))
}

const chartTemplate = `apiVersion: apps/v1
kind: KIND
metadata:
  name: {{ .Release.Name }}-NAME
  labels: {{- include "labels" . | nindent 4 }}
spec:
  selector:
    matchLabels: {{- include "labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "labels" . | nindent 8 }}
    spec:
      hostNetwork: {{ .Values.hostNetwork }}
      containers:
        {{- range $i, $name := .Values.containers }}
        - name: {{ $name }}
          image: "{{ $.Values.image }}:{{ $.Values.tag }}"
          securityContext:
            privileged: {{ $.Values.privileged }}
          {{- with $.Values.resources }}
          resources: {{- toYaml . | nindent 12 }}
          {{- end }}
        {{- end }}
`

func writeCharts(dir string, n int) error {
	files := map[string]string{}
	for i := range n {
		chart := fmt.Sprintf("charts/app-%02d/", i)
		files[chart+"Chart.yaml"] = fmt.Sprintf("apiVersion: v2\nname: app-%02d\nversion: 1.0.0\n", i)
		files[chart+"values.yaml"] = "image: registry.example.com/app\ntag: latest\nhostNetwork: true\nprivileged: false\ncontainers: [a, b, c]\nresources: {}\n"
		files[chart+"templates/_helpers.tpl"] = `{{- define "labels" }}` + "\napp: {{ .Chart.Name }}\n{{- end }}\n"
		for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet", "Deployment"} {
			name := strings.ToLower(kind) + strconv.Itoa(len(files))
			files[chart+"templates/"+name+".yaml"] = strings.NewReplacer("KIND", kind, "NAME", name).Replace(chartTemplate)
		}
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// atop TEXT PATTERN puts a line before all others of the files that match.
func atop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: atop TEXT PATTERN")
	}
	matches, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(matches) == 0 {
		ts.Fatalf("%s matches nothing", args[1])
	}
	for _, path := range matches {
		data, err := os.ReadFile(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path, append([]byte(args[0]+"\n"), data...), 0o644))
	}
}

// many PREFIX N writes that many values files.
func many(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: many PREFIX N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for i := range n {
		ts.Check(os.WriteFile(ts.MkAbs(fmt.Sprintf("%s%02d.yaml", args[0], i)), fmt.Appendf(nil, "number: %d\n", i), 0o644))
	}
}
