package report

import (
	"encoding/json"
	"io"
)

// jsonSink writes the stable JSON form, one object with a newline at its end.
type jsonSink struct{}

func (jsonSink) Write(w io.Writer, r *Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(filled(r))
}

// filled has no nil arrays, which JSON would write as null.
func filled(r *Report) *Report {
	full := *r
	full.Targets = make([]Target, len(r.Targets))
	for i, t := range r.Targets {
		t.Changes = some(t.Changes)
		full.Targets[i] = t
	}
	full.Bumps = some(r.Bumps)
	full.Undecided = some(r.Undecided)
	full.Notes = some(r.Notes)
	full.Findings = make([]Finding, len(r.Findings))
	for i, f := range r.Findings {
		f.Targets, f.Trail, f.Owners = some(f.Targets), some(f.Trail), some(f.Owners)
		if s := f.Suggestion; s != nil {
			whole := *s
			whole.Findings = some(s.Findings)
			f.Suggestion = &whole
		}
		full.Findings[i] = f
	}
	return &full
}

func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
