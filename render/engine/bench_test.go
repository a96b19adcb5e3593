package engine_test

import (
	"fmt"
	"strings"
	"testing"

	stock "helm.sh/helm/v3/pkg/engine"

	"github.com/rendergate/rendergate/render/engine"
)

// workload is a chart as they are: many templates that include helpers, format
// values and pass them through tpl.
func workload() string {
	var text strings.Builder
	text.WriteString(`-- values.yaml --
image: "registry.example.com/app:{{ .Chart.AppVersion }}"
labels: {team: a, tier: b}
resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 100m, memory: 256Mi}}
containers: [a, b, c]
annotations: {note: "{{ .Release.Name }}"}
-- templates/_helpers.tpl --
{{- define "name" }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- define "labels" -}}
app.kubernetes.io/name: {{ include "name" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{ toYaml .Values.labels }}
{{- end }}
{{- define "render" }}{{ if typeIs "string" .value }}{{ tpl .value .context }}{{ else }}{{ tpl (toYaml .value) .context }}{{ end }}{{ end }}
`)
	for i := range 40 {
		fmt.Fprintf(&text, `-- templates/deployment-%d.yaml --
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "name" . }}-%d
  labels: {{- include "labels" . | nindent 4 }}
  annotations: {{- include "render" (dict "value" .Values.annotations "context" $) | nindent 4 }}
spec:
  template:
    metadata:
      labels: {{- include "labels" . | nindent 8 }}
    spec:
      containers:
        {{- range $i, $name := .Values.containers }}
        - name: {{ $name | lower | quote }}
          image: {{ include "render" (dict "value" $.Values.image "context" $) }}
          {{- with $.Values.resources }}
          resources: {{- toYaml . | nindent 12 }}
          {{- end }}
        {{- end }}
`, i, i)
	}
	return text.String()
}

// BenchmarkRender compares a render of ours with one of helm's engine: the
// ratio is what counts, and is to stay below one.
func BenchmarkRender(b *testing.B) {
	c, values := load(b, workload())
	for name, run := range map[string]func() (map[string]string, error){
		"helm": func() (map[string]string, error) { return stock.Render(c, values) },
		"ours": func() (map[string]string, error) { return engine.Render(c, values, engine.Options{}) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestWorkloadIsRenderedAsHelm(t *testing.T) { same(t, "workload", workload()) }
