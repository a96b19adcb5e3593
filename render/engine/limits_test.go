package engine_test

import (
	"strings"
	"testing"
)

// TestHostileTemplatesGetAnError where helm would run out of memory or stack.
func TestHostileTemplatesGetAnError(t *testing.T) {
	deep := strings.Repeat("{{ if true }}", 200)
	ends := strings.Repeat("{{ end }}", 200)
	parens := strings.Repeat("(", 5000) + "print" + strings.Repeat(")", 5000)
	for name, tc := range map[string]struct{ template, want string }{
		"include":            {`{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}`, "nested reference name: x"},
		"deep include":       {`{{ define "x" }}` + deep + `{{ include "x" . }}` + ends + `{{ end }}{{ include "x" . }}`, "without end, or too deeply"},
		"include in parens":  {`{{ define "x" }}{{ ` + strings.Replace(parens, "print", `include "x" .`, 1) + ` }}{{ end }}{{ include "x" . }}`, "without end, or too deeply"},
		"template":           {`{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}`, "without end, or too deeply"},
		"deep template":      {`{{ define "x" }}` + deep + `{{ template "x" . }}` + ends + `{{ end }}{{ template "x" . }}`, "without end, or too deeply"},
		"deep template, tpl": {`{{ define "x" }}` + deep + `{{ template "x" . }}` + ends + `{{ end }}{{ tpl "{{ template \"x\" . }}" . }}`, "without end, or too deeply"},
		"tpl of itself":      {`{{ $t := "{{ tpl .t . }}" }}{{ tpl $t (dict "t" $t) }}`, "tpl is called by its own text"},
		"tpl that defines":   {`{{ $t := "{{ define \"x\" }}{{ end }}{{ tpl .t . }}" }}{{ tpl $t (dict "t" $t) }}`, "tpl is called by its own text"},
		"tpl and include":    {`{{ define "x" }}{{ tpl "{{ include \"x\" . }}" . }}{{ end }}{{ include "x" . }}`, "tpl is called by its own text"},
		"the guard's names":  {`{{ leaveTemplate 1000000 }}`, `function "leaveTemplate" not defined`},
		"nested blocks":      {strings.Repeat("{{ if 1 }}", 100_001) + strings.Repeat("{{ end }}", 100_001), "actions in one template"},
		"output":             {`{{ $x := repeat 1000000 "x" }}{{ range until 1000 }}{{ $x }}{{ end }}`, "write more than 256 MiB"},
		"output, included":   {`{{ define "x" }}{{ repeat 1000000 "x" }}{{ end }}{{ range until 1000 }}{{ $_ := include "x" . }}{{ end }}`, "write more than 256 MiB"},
		"repeat":             {`{{ repeat 1000000000000 "x" }}`, "makes a text of"},
		"repeat of much":     {`{{ repeat 100000 (repeat 100000 "x") }}`, "makes a text of"},
		"indent":             {`{{ indent 1000000000000 "x" }}`, "makes a text of"},
		"nindent":            {`{{ nindent 10000000 (repeat 100 "\n") }}`, "makes a text of"},
		"doubled":            {`{{ $x := "xx" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}`, "makes a text of"},
		"doubled by quoting": {`{{ $x := "\\" }}{{ range until 60 }}{{ $x = quote $x }}{{ end }}`, "makes a text of"},
		"doubled by joining": {`{{ $x := "xx" }}{{ range until 60 }}{{ $x = join $x (list $x $x) }}{{ end }}`, "makes a text of"},
		"replaced":           {`{{ replace "x" (repeat 100000 "y") (repeat 100000 "x") }}`, "makes a text of"},
		"replaced by regex":  {`{{ regexReplaceAll "x" (repeat 1000000 "x") (repeat 1000000 "y") }}`, "makes a text of"},
		"must be replaced":   {`{{ mustRegexReplaceAll "x" (repeat 1000000 "x") (repeat 1000000 "y") }}`, "makes a text of"},
		"wrapped":            {`{{ wrapWith 1 (repeat 100000 "y") (repeat 100000 "x") }}`, "makes a text of"},
		"until":              {`{{ until 1000000000000 }}`, "makes more than"},
		"until below":        {`{{ until -1000000000000 }}`, "makes more than"},
		"untilStep":          {`{{ untilStep 0 9223372036854775807 3 }}`, "makes more than"},
		"untilStep around":   {`{{ untilStep -9223372036854775806 -9223372036854775808 -9223372036854775807 }}`, "makes more than"},
		"seq":                {`{{ seq 1000000000000 }}`, "makes more than"},
		"seq, two":           {`{{ seq -2000000 2000000 }}`, "makes more than"},
		"seq, three":         {`{{ seq 0 1 1000000000000 }}`, "makes more than"},
		"lists doubled":      {`{{ $x := list 1 2 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}`, "makes more than"},
		"randAlphaNum":       {`{{ randAlphaNum 1000000000000 }}`, "makes a text of"},
		"randBytes":          {`{{ randBytes 1000000000000 }}`, "makes a text of"},
		"negative randBytes": {`{{ randBytes -1 }}`, "cannot make -1 bytes"},
		"randInt":            {`{{ randInt 5 5 }}`, "nothing lies between 5 and 5"},
		"copied circle":      {`{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ deepCopy $x }}`, "contains itself"},
	} {
		if _, err := one(t, tc.template); err == nil || !strings.Contains(err.Error(), tc.want) {
			text := "no error"
			if err != nil {
				text = err.Error()[:min(len(err.Error()), 400)]
			}
			t.Errorf("%s: %s, want %q", name, text, tc.want)
		}
	}
}

// TestCirclesAreNotFollowed by the encoders that would do so for ever.
func TestCirclesAreNotFollowed(t *testing.T) {
	out, err := one(t, `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ toYaml $x }}{{ toJson $x }}{{ toYamlPretty $x }}{{ toToml (list $x) }}`)
	if want := "the value contains itself"; err != nil || out != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
}
