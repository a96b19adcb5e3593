package engine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	stock "helm.sh/helm/v3/pkg/engine"

	"github.com/rendergate/rendergate/render/engine"
)

// load reads a chart from "-- name --" sections; what is not said is filled in.
func load(t testing.TB, text string) (*chart.Chart, chartutil.Values) {
	t.Helper()
	files := []*loader.BufferedFile{}
	has := false
	for _, f := range txtar.Parse([]byte(text)).Files {
		has = has || f.Name == "Chart.yaml"
		files = append(files, &loader.BufferedFile{Name: f.Name, Data: f.Data})
	}
	if !has {
		files = append(files, &loader.BufferedFile{Name: "Chart.yaml", Data: []byte("apiVersion: v2\nname: app\nversion: 1.2.3\nappVersion: \"4.5\"\n")})
	}
	c, err := loader.LoadFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	return c, valuesOf(t, c)
}

func valuesOf(t testing.TB, c *chart.Chart) chartutil.Values {
	t.Helper()
	values := map[string]any{}
	if err := chartutil.ProcessDependenciesWithMerge(c, values); err != nil {
		t.Fatal(err)
	}
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "rel", Namespace: "ns", Revision: 1, IsInstall: true}, chartutil.DefaultCapabilities)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func render(t testing.TB, text string) (map[string]string, error) {
	t.Helper()
	c, values := load(t, text)
	return engine.Render(c, values, engine.Options{})
}

// one renders a chart of one template.
func one(t testing.TB, template string) (string, error) {
	t.Helper()
	out, err := render(t, "-- templates/x.yaml --\n"+template)
	return strings.TrimSuffix(out["app/templates/x.yaml"], "\n"), err // txtar ends each file with one
}

// same renders with helm's engine and with ours.
func same(t *testing.T, name, text string) {
	t.Helper()
	c, values := load(t, text)
	want, wantErr := stock.Render(c, values)
	got, gotErr := render(t, text)
	if wantErr != nil || gotErr != nil {
		if wantErr == nil || gotErr == nil || !sameWords(gotErr.Error(), wantErr.Error()) {
			t.Errorf("%s: error\n%v\nwant\n%v", name, gotErr, wantErr)
		}
		return
	}
	if !maps.Equal(got, want) {
		for _, file := range slices.Sorted(maps.Keys(want)) {
			if got[file] != want[file] {
				t.Errorf("%s: %s is\n%s\nwant\n%s", name, file, got[file], want[file])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d files, want %d", name, len(got), len(want))
		}
	}
}

// sameWords allows the middle of a long message to be left out.
func sameWords(got, want string) bool {
	start, end, cut := strings.Cut(got, " … ")
	return got == want || cut && len(want) > len(got) && strings.HasPrefix(want, start) && strings.HasSuffix(want, end)
}

// TestRendersAsHelm: byte for byte, with the same words for what fails.
func TestRendersAsHelm(t *testing.T) {
	for name, text := range charts {
		same(t, name, text)
	}
	for name, template := range templates {
		same(t, name, values+"-- templates/x.yaml --\n"+template)
	}
}

const values = `-- values.yaml --
name: default
number: 3
big: 12345678901
float: 1.50
yes: true
nothing: null
list: [b, a, c, a]
map: {z: 1, a: {deep: [1, 2]}, m: "x"}
text: |
  two
  lines
template: '{{ .Values.name | upper }}-{{ .Release.Name }}'
`

var charts = map[string]string{
	"scopes, aliases, globals, libraries, order": `-- Chart.yaml --
apiVersion: v2
name: app
version: 1.0.0
dependencies:
  - {name: sub, version: 1.x.x, repository: ""}
  - {name: sub, version: 1.x.x, repository: "", alias: other}
  - {name: lib, version: 1.x.x, repository: ""}
  - {name: off, version: 1.x.x, repository: "", condition: off.enabled}
-- values.yaml --
global: {colour: red}
sub: {name: from-parent}
off: {enabled: false}
-- templates/a.yaml --
{{ include "who" . }} {{ template "who" . }} {{ .Values | toYaml | nindent 2 }} {{ .Template.Name }} {{ .Template.BasePath }}
{{ .Chart.Name }} {{ .Chart.IsRoot }} {{ .Subcharts.sub.Values.name }} {{ .Subcharts.sub.Chart.Name }} {{ .Release }} {{ typeOf .Chart }}
{{- range $k, $v := .Subcharts }} {{ $k }}{{ end }} {{ include "lib.label" (dict "x" .) }}
-- templates/_who.tpl --
{{ define "who" }}parent{{ end }} never shown
-- templates/nested/b.yaml --
{{ include "defined.in.b" . }}{{ define "defined.in.b" }}b{{ .Values.global.colour }}{{ end }}
-- templates/NOTES.txt --
notes {{ .Values.set }}
-- charts/sub/Chart.yaml --
apiVersion: v2
name: sub
version: 1.0.0
-- charts/sub/values.yaml --
name: from-sub
-- charts/sub/templates/a.yaml --
{{ include "who" . }} {{ .Values.name }} {{ .Values.global.colour }} {{ .Chart.Name }} {{ .Chart.IsRoot }} {{ .Template.Name }}
-- charts/sub/templates/_who.tpl --
{{ define "who" }}sub{{ end }}
-- charts/lib/Chart.yaml --
apiVersion: v2
name: lib
type: library
version: 1.0.0
-- charts/lib/templates/_lib.tpl --
{{- define "lib.label" }}label of {{ .x.Chart.Name }}{{ end }}
-- charts/lib/templates/not-a-partial.yaml --
{{ fail "libraries deploy nothing" }}
-- charts/off/Chart.yaml --
apiVersion: v2
name: off
version: 1.0.0
-- charts/off/templates/a.yaml --
{{ fail "switched off" }}
`,
	"files": `-- conf/a.conf --
one
two
-- conf/b.bin --
data: {{ not a template }}
-- deep/conf/c.conf --
c
-- templates/x.yaml --
{{ .Files.Get "conf/a.conf" }}|{{ .Files.Get "missing" }}|{{ .Files.GetBytes "conf/a.conf" }}|{{ .Files.Lines "conf/a.conf" }}|{{ .Files.Lines "missing" }}
{{ (.Files.Glob "conf/*").AsConfig | indent 2 }}
{{ (.Files.Glob "**.conf").AsSecrets }}
{{ range $path, $data := .Files.Glob "conf/*" }}{{ $path }}={{ $data | toString | b64enc }} {{ end }}
{{ range $path, $_ := .Files.Glob "[" }}{{ $path }} {{ end }}{{ tpl (.Files.Get "conf/a.conf") . }} {{ typeOf .Files }}
{{ .Files.Get "values.yaml" }}
`,
	"values changed by an earlier template": `-- values.yaml --
map: {}
-- templates/a.yaml --
{{ .Values.map }} {{ .Values.added }}
-- templates/z.yaml --
{{ $_ := set .Values.map "k" "v" }}{{ $_ := set .Values "added" (list 1 2) }}{{ .Values }}
`,
	"a blank definition replaces nothing": `-- templates/_a.tpl --
{{ define "x" }}from a{{ end }}{{ define "y" }} {{ end }}
-- templates/_b.tpl --
{{ define "x" }} {{ end }}{{ define "y" }}from b{{ end }}
-- templates/c.yaml --
{{ include "x" . }}|{{ include "y" . }}
`,
	"definitions within tpl": `-- templates/_a.tpl --
{{ define "outer" }}outer{{ end }}
-- templates/a.yaml --
{{ tpl "{{ define \"inner\" }}inner {{ .x }}{{ end }}{{ include \"inner\" . }} {{ include \"outer\" . }} {{ tpl \"{{ include \\\"inner\\\" . }}\" . }}" (dict "x" 1) }}
{{ tpl "{{ define \"outer\" }}changed{{ end }}{{ include \"outer\" . }} {{ template \"outer\" }}" . }} {{ include "outer" . }}
{{ tpl "{{ define \"empty\" }}{{ end }}" . }}|{{ tpl "" . }}|{{ tpl "{{/* comment */}}" . }}|{{ tpl "{{ .missing }}{{ .Values.missing.deep | default \"d\" }}" (dict "Values" (dict "missing" dict)) }}
{{ tpl "{{ block \"b\" . }}block{{ end }}" . }} {{ tpl "{{ tpl \"{{ tpl \\\"{{ .Release.Name }}\\\" . }}\" . }}" . }}
`,
	"a definition of tpl is not seen outside": `-- templates/a.yaml --
{{ tpl "{{ define \"inner\" }}{{ end }}" . }}{{ include "inner" . }}
`,
	"syntax error":                   "-- templates/a.yaml --\nok\n{{ if }}{{ end }}\n",
	"unknown function":               "-- templates/a.yaml --\n{{ if false }}{{ env \"HOME\" }}{{ end }}\n",
	"unknown function in a branch":   "-- templates/a.yaml --\n{{ tpl \"{{ expandenv 1 }}\" . }}\n",
	"defined twice in one file":      "-- templates/a.yaml --\n{{ define \"x\" }}1{{ end }}{{ define \"x\" }}2{{ end }}\n",
	"failure in a partial":           "-- templates/_p.tpl --\n{{ define \"p\" }}\n\n  {{ required \"say: a name\" .Values.x }}{{ end }}\n-- templates/a.yaml --\nx: {{ include \"p\" . }}\n",
	"failure in tpl":                 "-- templates/a.yaml --\nx: {{ tpl \"{{ fail \\\"one\\ntwo\\\" }}\" . }}\n",
	"failure in NOTES":               "-- templates/NOTES.txt --\n\n{{ fail \"read the notes\" }}\n",
	"template that is not defined":   "-- templates/a.yaml --\n{{ include \"nope\" . }}\n",
	"template call of nothing":       "-- templates/a.yaml --\n{{ template \"nope\" . }}\n",
	"include without end":            "-- templates/a.yaml --\n{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}\n",
	"include of each other":          "-- templates/a.yaml --\n{{ define \"x\" }}{{ include \"y\" . }}{{ end }}{{ define \"y\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}\n",
	"recursion that ends":            "-- templates/a.yaml --\n{{ define \"x\" }}{{ if gt . 0 }}{{ . }} {{ include \"x\" (sub . 1 | int) }}{{ end }}{{ end }}{{ include \"x\" 900 }}\n",
	"template recursion that ends":   "-- templates/a.yaml --\n{{ define \"x\" }}{{ if gt . 0 }}{{ . }} {{ template \"x\" (sub . 1) }}{{ end }}{{ end }}{{ template \"x\" 3000 }}\n",
	"message of required with parts": "-- templates/a.yaml --\n{{ required \"a: b: c\" \"\" }}\n",
	"templates that are files": `-- templates/a.yaml --
{{ include (print $.Template.BasePath "/b.yaml") . | sha256sum }} {{ include "app/templates/_c.tpl" . }}
-- templates/b.yaml --
b of {{ .Template.Name }}
-- templates/_c.tpl --
c
`,
}

var templates = map[string]string{
	"missing keys":     `{{ .Values.missing }}|{{ .Values.nothing }}|{{ .missing }}|<no value>|{{ .Values.map.q }}|{{ index .Values "q" }}|{{ default "d" .Values.missing }}`,
	"missing in nil":   `{{ .Values.missing.deep }}`,
	"numbers":          `{{ .Values.number }} {{ .Values.big }} {{ .Values.float }} {{ .Values.big | int64 }} {{ mul 2 .Values.number }} {{ .Values.big | toString }}`,
	"YAML":             `{{ toYaml .Values }}{{ toYamlPretty .Values.map }}{{ fromYaml "a: [1, {b: c}]" }}{{ fromYaml "a: [" }}{{ fromYaml "- 1" }}{{ fromYamlArray "[1, a]" }}{{ fromYamlArray "a: b" }}{{ toYaml nil }}`,
	"JSON":             `{{ toJson .Values }}{{ toPrettyJson .Values.map }}{{ toRawJson "<&>" }}{{ mustToJson .Values.list }}{{ fromJson "{\"a\": 1}" }}{{ fromJson "[" }}{{ fromJsonArray "[1]" }}{{ fromJsonArray "{}" }}{{ mustFromJson "[1]" }}`,
	"TOML":             `{{ toToml .Values.map }}{{ fromToml "a = 1\n[b]\nc = 'd'" }}{{ fromToml "a =" }}{{ toToml 3 }}`,
	"unmarshalled":     `{{ mustFromJson "[" }}`,
	"tpl":              `{{ tpl .Values.template . }} {{ tpl (toYaml .Values.map) . }} {{ tpl "{{ $.Template.Name }}" $ }}`,
	"broken tpl":       `{{ tpl "{{ .Values.name" . }}`,
	"failing tpl":      `{{ tpl "{{ .Values.name.deep }}" . }}`,
	"print":            `{{ print 1 "a" nil }} {{ printf "%s-%d-%v-%q" "a" 1 .Values.list "q" }} {{ println "x" 1 }}{{ print }}{{ printf "%d" "x" }}`,
	"texts":            `{{ .Values.text | indent 4 }}{{ .Values.text | nindent 2 }}{{ repeat 3 "ab" }}{{ repeat 0 "x" }}{{ replace "a" "bb" "banana" }}{{ replace "" "-" "abc" }}{{ wrap 3 "aa bb cc" }}{{ wrapWith 2 "|" "abcdef" }}{{ cat 1 "a" nil }}{{ trunc 2 "abc" }}{{ quote 1 "a" nil }}{{ squote "x" }}`,
	"negative repeat":  `{{ repeat -1 "x" }}`,
	"negative indent":  `{{ indent -1 "x" }}`,
	"counts":           `{{ until 4 }}{{ until -3 }}{{ untilStep 2 9 3 }}{{ untilStep 5 1 -2 }}{{ untilStep 1 5 -1 }}{{ untilStep 1 5 0 }}{{ seq 3 }}{{ seq -2 }}{{ seq 2 5 }}{{ seq 1 2 8 }}{{ seq 8 -3 1 }}{{ seq 1 0 3 }}{{ seq }}{{ range until 3 }}{{ . }}{{ end }}`,
	"lists":            `{{ join "," .Values.list }} {{ join "," (list 1 nil "a") }} {{ join "," "text" }} {{ sortAlpha .Values.list }} {{ concat .Values.list (list 1) }} {{ uniq .Values.list }} {{ has "a" .Values.list }} {{ without .Values.list "a" }} {{ chunk 2 .Values.list }}`,
	"concat of a text": `{{ concat "a" }}`,
	"dicts":            `{{ dict "a" 1 "b" }} {{ keys .Values.map | sortAlpha }} {{ values (dict "a" 1) }} {{ merge (dict "a" 1) (dict "a" 2 "b" 3) }} {{ mergeOverwrite (dict "a" 1) (dict "a" 2) }} {{ pick .Values.map "a" }} {{ omit .Values.map "a" }} {{ dig "map" "a" "deep" "d" .Values }} {{ deepCopy .Values.map }} {{ mustDeepCopy .Values.list }} {{ get .Values.map "q" }}`,
	"regexes":          `{{ regexMatch "^a" "abc" }}{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}{{ mustRegexReplaceAll "b" "abc" "x" }}{{ regexReplaceAllLiteral "a" "banana" "$1" }}{{ regexFindAll "[2,4]" "1234" -1 }}{{ regexSplit "z+" "pizza" -1 }}`,
	"broken regex":     `{{ mustRegexMatch "(" "x" }}`,
	"dates":            `{{ date "2006-01-02" 0 }} {{ dateInZone "2006-01-02 15:04" 3600 "Europe/Berlin" }} {{ htmlDate 0 }} {{ htmlDateInZone 0 "UTC" }} {{ duration 95 }} {{ durationRound "2h10m5s" }} {{ toDate "2006" "2020" | unixEpoch }} {{ toDate "2006-01-02" "2020-02-03" | dateModify "24h" | date "02.01." }} {{ date_in_zone "2006" 0 "UTC" }}`,
	"hashes":           `{{ sha256sum "a" }}{{ sha1sum "a" }}{{ adler32sum "a" }}{{ b64enc "a" }}{{ b64dec "!" }}{{ derivePassword 1 "long" "p" "u" "s" }}{{ encryptAES "p" "" }}{{ htpasswd "a:b" "c" }}`,
	"versions":         `{{ semver "1.2.3" }} {{ semverCompare ">=1.2" "1.3.0" }} {{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Minor }} {{ .Capabilities.APIVersions.Has "v1" }} {{ .Capabilities.HelmVersion.Version }}`,
	"no cluster":       `{{ lookup "v1" "Secret" "" "" }} {{ (lookup "v1" "Secret" "ns" "n").data }} {{ getHostByName "example.com" }}`,
	"types":            `{{ typeOf .Values.map }} {{ kindOf .Values.list }} {{ kindIs "map" .Values }} {{ typeOf .Values }} {{ typeOf .Capabilities.APIVersions }} {{ typeOf now }} {{ typeOf (until 1) }}`,
	"control":          `{{ range $i, $v := .Values.list }}{{ if eq $v "a" }}{{ continue }}{{ end }}{{ $i }}{{ $v }}{{ break }}{{ end }}{{ with .Values.missing }}x{{ else with .Values.name }}{{ . }}{{ end }}{{ range $k, $v := .Values.map }}{{ $k }}{{ end }}{{ range .Values.nothing }}{{ else }}none{{ end }}`,
	"conversion":       `{{ int "12" }} {{ float64 "1.5" }} {{ toDecimal "777" }} {{ atoi "x" }} {{ toString .Values.list }} {{ ternary 1 2 true }} {{ coalesce nil "" 3 }} {{ max 1 2 }} {{ round 1.255 2 }} {{ add 1 2 3 }} {{ addf 1.5 2 }}`,
	"division":         `{{ div 1 0 }}`,
	"wrong argument":   `{{ upper 3 }}`,
	"wrong key":        `{{ required "x" }}`,
	"required":         `{{ required "m" 0 }}{{ required "m" false }}{{ required "m" (list) }}{{ required "m" "v" }}`,
	"required nothing": `{{ .Values.nothing | required "it is missing" }}`,
	"fail":             `{{ if true }}{{ fail (printf "no %s: %d" "way" 3) }}{{ end }}`,
	"printed itself":   `{{ . | toYaml | trunc 40 }} {{ .Chart.Version }} {{ .Chart.AppVersion }} {{ .Release.IsInstall }} {{ .Release.Service }}`,
	"URLs":             `{{ urlParse "http://u@h:1/p?q#f" }} {{ urlJoin (dict "host" "h" "scheme" "https") }} {{ base "/a/b" }} {{ osBase "/a/b" }}`,
	"unprintable":      `{{ .Files.Get }}`,
	"whitespace":       "a {{- 1 -}} b\n{{- /* c */ -}}\n c {{ `{{ raw }}` }}",
}

func TestMessagesAreTheAuthors(t *testing.T) {
	_, err := one(t, "a: 1\nb: {{ .Values.b | required \"set b: it names the\\nbucket\" }}\n")
	if want := "execution error at (app/templates/x.yaml:2:18): set b: it names the\nbucket"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestOnlyNamedTemplatesMayFail(t *testing.T) {
	text := "-- templates/NOTES.txt --\n{{ fail \"notes\" }}\n-- templates/a.yaml --\na\n"
	c, values := load(t, text)
	notes := engine.Options{MayFail: func(name string) bool { return strings.HasSuffix(name, "NOTES.txt") }}
	out, err := engine.Render(c, values, notes)
	if want := map[string]string{"app/templates/a.yaml": "a\n"}; err != nil || !maps.Equal(out, want) {
		t.Errorf("%v, %v, want %v", out, err, want)
	}
	c, values = load(t, text+"-- templates/b.yaml --\n{{ fail \"b\" }}\n")
	if _, err := engine.Render(c, values, notes); err == nil || !strings.HasSuffix(err.Error(), ": b") {
		t.Errorf("error %v, want that of b.yaml", err)
	}
}

// TestRendersDoNotMeet: what one render defines, and the trees it shares with
// others, leave no trace in the next.
func TestRendersDoNotMeet(t *testing.T) {
	const text = "-- templates/a.yaml --\n{{ include \"x\" . }} {{ template \"x\" . }} {{ tpl \"{{ include \\\"x\\\" . }}\" . }}\n-- templates/_x.tpl --\n"
	first, second := text+"{{ define \"x\" }}1{{ end }}", text+"{{ define \"x\" }}2{{ end }}"
	for range 3 {
		for chart, want := range map[string]string{first: "1 1 1\n", second: "2 2 2\n"} {
			out, err := render(t, chart)
			if err != nil || out["app/templates/a.yaml"] != want {
				t.Errorf("%q, %v, want %q", out["app/templates/a.yaml"], err, want)
			}
		}
	}
	if _, err := render(t, text); err == nil {
		t.Error("a definition of an earlier render is still there")
	}
}
