package engine_test

import (
	"strings"
	"testing"
	"time"
)

// FuzzRender executes whatever text as a template: it ends, without a panic,
// with a text or an error, does so again alike, and the same when it is traced. Loops over numbers are left
// out, since nothing within a process ends a chart that only takes its time.
func FuzzRender(f *testing.F) {
	for _, text := range templates {
		f.Add(text)
	}
	for _, text := range strings.Split(chancy, "\n") {
		f.Add(text)
	}
	f.Add(`{{ define "x" }}{{ template "x" . }}{{ end }}{{ include "x" . }}{{ tpl "{{ template \"x\" . }}" . }}`)
	f.Fuzz(func(t *testing.T, text string) {
		// Long loops are what the limits' own tests run; here they would only be slow.
		for _, slow := range []string{"until", "range", "derivePassword", "seq", "set", "merge"} {
			if strings.Contains(text, slow) {
				t.Skip()
			}
		}
		// A render that does not end would hang the fuzzer without a word of why.
		stuck := time.AfterFunc(20*time.Second, func() { panic("does not end: " + text) })
		defer stuck.Stop()
		first, firstErr := render(t, values+"-- templates/x.yaml --\n"+text)
		again, againErr := render(t, values+"-- templates/x.yaml --\n"+text)
		if (firstErr == nil) != (againErr == nil) || firstErr != nil && firstErr.Error() != againErr.Error() || first["app/templates/x.yaml"] != again["app/templates/x.yaml"] {
			t.Errorf("%q, %v after %q, %v", again, againErr, first, firstErr)
		}
		whole(t, "traced", values+"-- templates/x.yaml --\n"+text)
	})
}
