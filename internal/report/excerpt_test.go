package report_test

import (
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// TestCaret looks for what the caret stands under.
func TestCaret(t *testing.T) {
	for _, test := range []struct {
		line string
		keys []string
		want string
	}{
		{"  hostPID: true", []string{"hostPID"}, "true"},
		{"  hostPID: true # for now", []string{"hostPID"}, "true"},
		{"spec: {hostPID: true, containers: []}", []string{"hostPID"}, "true"},
		{"spec: {containers: [], hostPID: true}", []string{"hostPID"}, "true"},
		{`  "hostPID": true,`, []string{"hostPID"}, "true"},
		{`  image: "a:b" # latest`, []string{"image"}, `"a:b"`},
		{"  - name: xhostPID: 1", []string{"hostPID"}, "- name: xhostPID: 1"},
		{"  privileged: {{ .Values.a }}", []string{"privileged"}, "{{ .Values.a }}"},
		{"  add: [NET_ADMIN, SYS_TIME]", []string{"add"}, "[NET_ADMIN, SYS_TIME]"},
		{"securityContext:", []string{"securityContext"}, "securityContext"},
		{"securityContext: # none", []string{"securityContext"}, "securityContext"},
		{`  endpoint_public_access = true`, []string{"endpoint_public_access"}, "true"},
		{"  debug: true", []string{"nothing", "debug"}, "true"},
		{"  debug: true", nil, "debug: true"},
		{"\tdebug: true", []string{"debug"}, "true"},
		{"  größe: {é: 1, debug: ünïcode}", []string{"debug"}, "ünïcode"},
		{strings.Repeat("a: 1, ", 60) + "debug: true}", []string{"debug"}, "true"},
		{"a: \u202e\x1b[31m, debug: true", []string{"debug"}, "true"},
		{"", []string{"debug"}, ""},
	} {
		r := sample()
		r.Findings = r.Findings[:1]
		r.Findings[0].Excerpt = &report.Excerpt{First: 9, Lines: []string{test.line}, From: 9, To: 9, Keys: test.keys}
		lines := strings.Split(write(t, "text", r, report.Options{}), "\n")
		for i, line := range lines {
			if !strings.HasPrefix(line, "    > 9 | ") {
				continue
			}
			under, source := []rune(lines[i+1]), []rune(line)
			from := strings.IndexRune(string(under), '^')
			got := ""
			for n := from; n < len(under) && n < len(source) && under[n] == '^'; n++ {
				got += string(source[n])
			}
			if got != test.want {
				t.Errorf("the caret is under %q, want %q:\n%s\n%s", got, test.want, line, lines[i+1])
			}
			if strings.ContainsAny(line, "\x1b\u202e") || len(source) > 140 {
				t.Errorf("the line is not fit for a terminal: %q", line)
			}
			test.want = "seen"
		}
		if test.want != "seen" {
			t.Errorf("no excerpt of %q", test.line)
		}
	}
}
