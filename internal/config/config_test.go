package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	validate "github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/internal/config"
)

var update = flag.Bool("update", false, "rewrite the JSON Schema")

var ids = []string{"host-pid", "image-latest", "liveness-probe", "privileged-container"}

const full = `version: 1
fail-on: high
on-undecided: fail
new-targets: report
require-complete: false
budget: {time: 120s, memory: 2GiB}
targets:
  - path: charts/api
    values: [[values-dev.yaml], [values-prod.yaml, extra.yaml]]
    set: [clusterName=test]
    release: api
    namespace: prod
    kube-version: 1.34.0
    api-versions: [monitoring.coreos.com/v1]
    skip-tests: true
exclude: ["**/testdata/**"]
checks: {enable: all, disable: [liveness-probe], severity: {image-latest: critical}}
registries: {allowed: ["ghcr.io/acme/"]}
environments: [{match: "overlays/prod/**", fail-on: medium}]
waivers: {trust: base, approvers: ["@acme/security"], file: .rendergate-waivers.yaml}
policies: [policies/*.yaml]
network: {allow: ["https://charts.example.com/stable/"]}
`

func TestParse(t *testing.T) {
	f, err := config.Parse(".rendergate.yaml", []byte(full), ids)
	if err != nil {
		t.Fatal(err)
	}
	if !f.Checks.Enable.All || f.Targets[0].Values[1][1] != "extra.yaml" || f.RenderTime().String() != "2m0s" || f.Threshold() != "high" {
		t.Errorf("read as %+v", f)
	}
}

func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":         {"version: 1\nfailon: high\n", `c.yaml:2: unknown key "failon"; did you mean "fail-on"?`},
		"unknown nested key":  {"version: 1\ntargets:\n  - path: a\n    name-space: b\n", `c.yaml:4: unknown key "name-space" in targets; did you mean "namespace"?`},
		"unknown check":       {"version: 1\nchecks:\n  disable: [hostpid]\n", `c.yaml:3: there is no check "hostpid"; did you mean "host-pid"?`},
		"unknown severity":    {"version: 1\nfail-on: hihg\n", `c.yaml:2: fail-on is one of critical, high, medium, low, none, not "hihg"`},
		"severity of a check": {"version: 1\nchecks:\n  severity:\n    host-pid: none\n", `c.yaml:4: "none" is no severity of a check`},
		"wrong type":          {"version: 1\nexclude: {a: b}\n", `c.yaml:2: cannot unmarshal`},
		"extends a branch":    {"version: 1\nextends: https://github.com/acme/gate//a.yaml?ref=main\n", `c.yaml:2: "https://github.com/acme/gate//a.yaml?ref=main" is not pinned to a commit: use https://`},
		"extends by ssh":      {"version: 1\nextends: ssh://git@github.com/acme/gate//a.yaml?ref=main\n", `c.yaml:2: "ssh://git@github.com/acme/gate//a.yaml?ref=main" is no file of a repository`},
		"extends no file":     {"version: 1\nextends: https://github.com/acme/gate?ref=0123456789012345678901234567890123456789\n", `c.yaml:2: "https://github.com/acme/gate?ref=0123456789012345678901234567890123456789" does not say which file`},
		"extends outside":     {"version: 1\nextends: https://github.com/acme/gate//../a.yaml?ref=0123456789012345678901234567890123456789\n", `c.yaml:2: "https://github.com/acme/gate//../a.yaml?ref=0123456789012345678901234567890123456789" does not say which file`},
		"extends in clear":    {"version: 1\nextends: http://example.com/gate//a.yaml?ref=0123456789012345678901234567890123456789\n", `c.yaml:2: "http://example.com/gate//a.yaml?ref=0123456789012345678901234567890123456789" is not https`},
		"broken YAML":         {"version: 1\n  a: [\n", `c.yaml:`},
		"empty":               {"", `c.yaml:1: the file is empty`},
		"no version":          {"fail-on: high\n", `c.yaml:1: version is 0; this rendergate knows version 1`},
		"outside":             {"version: 1\ntargets:\n  - path: ../other\n", `c.yaml:3: path "../other" is no folder of the repository`},
		"bad glob":            {"version: 1\nexclude: ['[']\n", `c.yaml:2: "[" is no glob`},
		"bad duration":        {"version: 1\nbudget: {time: soon}\n", `c.yaml:2: "soon" is no duration such as 120s`},
		"bad size":            {"version: 1\nbudget: {memory: much}\n", `c.yaml:2: "much" is no size such as 2GiB`},
		"tiny size":           {"version: 1\nbudget: {memory: 1MiB}\n", `c.yaml:2: "1MiB" is less than the 128MiB that rendering anything needs`},
		"network word":        {"version: 1\nnetwork: off\n", `c.yaml:2: network is none, or a mapping with allow`},
		"network key":         {"version: 1\nnetwork: {alow: []}\n", `c.yaml:2: unknown key "alow" in network; did you mean "allow"?`},
		"network location":    {"version: 1\nnetwork:\n  allow:\n    - https://a.example.com/\n    - http://b.example.com/\n", `c.yaml:5: "http://b.example.com/" is no location to fetch from: use a URL such as https://`},
		"network login":       {"version: 1\nnetwork: {allow: [\"https://me:pw@a.example.com/\"]}\n", `c.yaml:2: "https://me:pw@a.example.com/" is no location`},
		"approver":            {"version: 1\nwaivers: {approvers: [\"a b\"]}\n", `c.yaml:2: "a b" is no approver: use a login such as @octocat`},
		"nobody approves":     {"version: 1\nwaivers:\n  trust: approved\n", `c.yaml:3: waivers.trust is approved, so waivers.approvers names who may approve`},
		"waivers outside":     {"version: 1\nwaivers: {file: ../w.yaml}\n", `c.yaml:2: file "../w.yaml" is no file of the repository`},
		"key twice":           {"version: 1\nversion: 1\n", `c.yaml:2: mapping key "version" already defined`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse("c.yaml", []byte(c.text), ids)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestExcluded(t *testing.T) {
	f := &config.File{Exclude: []string{"**/testdata/**", "old/", "apps/*/dev", "**/values-dev.yaml", "**/ci"}}
	for dir, want := range map[string]bool{
		"a/values-dev.yaml": true, "a/ci/b-values.yaml": true, "a/values-prod.yaml": false,
		"a/testdata": true, "a/testdata/b": true, "testdata": true, "a/testdata2": false,
		"old": true, "old/chart": true, "older": false, "apps/x/dev": true, "apps/x/dev/y": true, "apps/x/prod": false, ".": false,
	} {
		if got := f.Excluded(dir); got != want {
			t.Errorf("Excluded(%s) = %t", dir, got)
		}
	}
}

func moves(files map[string]string, from, to string) config.Moves {
	swap := func(a, b string) func(string) string {
		return func(dir string) string {
			if dir == a {
				return b
			}
			return dir
		}
	}
	return config.Moves{Files: files, Dir: swap(from, to), Back: swap(to, from)}
}

func TestEntriesFollowRenames(t *testing.T) {
	m := moves(map[string]string{"old/prod.yaml": "new/live.yaml"}, "old", "new")
	base := &config.File{Targets: []config.Target{{Path: "old", Values: [][]string{{"prod.yaml"}}, Release: "r"}}}
	head := &config.File{Targets: []config.Target{{Path: "new", Values: [][]string{{"live.yaml"}}, Release: "r"}}}
	got := config.Entries(base, head, m)
	if len(got) != 1 {
		t.Fatalf("%d entries, want the two descriptions to be one: %+v", len(got), got)
	}
	if e := got[0]; e.Base != "old" || e.Head != "new" || e.HeadValues[0] != "live.yaml" || e.BaseValues[0] != "prod.yaml" || !e.FromBase {
		t.Errorf("got %+v", e)
	}
}

func TestEntriesKeepBothDescriptions(t *testing.T) {
	m := moves(nil, "", "")
	base := &config.File{Targets: []config.Target{{Path: "a", Namespace: "one"}}}
	head := &config.File{Targets: []config.Target{{Path: "a", Namespace: "two"}, {Path: "b"}}}
	got := config.Entries(base, head, m)
	if len(got) != 3 || !got[0].FromBase || got[1].FromBase || got[1].Base != "a" || got[2].Base != "b" {
		t.Errorf("got %+v", got)
	}
}

// forms describes the types that may be written in more than one way.
func forms(t reflect.Type) *jsonschema.Schema {
	list := &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}}
	switch t {
	case reflect.TypeFor[config.Duration](), reflect.TypeFor[config.Size]():
		return &jsonschema.Schema{Type: "string"}
	case reflect.TypeFor[config.Date]():
		return &jsonschema.Schema{Type: "string", Format: "date"}
	case reflect.TypeFor[config.Enable]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string"}, list}}
	case reflect.TypeFor[config.Network]():
		allow := jsonschema.NewProperties()
		allow.Set("allow", list)
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Const: "none"}, {Type: "object", Properties: allow, AdditionalProperties: jsonschema.FalseSchema},
		}}
	}
	return nil
}

// TestSchema keeps the JSON Schemas as the types say, and their verdicts as the
// parsers'.
func TestSchema(t *testing.T) {
	described(t, "rendergate.schema.json", "rendergate configuration", &config.File{}, map[string]bool{
		full: true, "version: 1\nnetwork: none\n": true, "version: 1\nchecks: {enable: [a]}\n": true,
		"version: 1\nfailon: high\n": false, "fail-on: high\n": false, "version: 1\nnetwork: some\n": false,
	})
	described(t, "rendergate-waivers.schema.json", "rendergate waivers", &[]config.Waiver{}, map[string]bool{
		waivers: true, "[]\n": true, "- check: a\n": false, "- {check: a, reason: b, reson: c}\n": false, "- {check: a, reason: ''}\n": false,
		"- {check: a, reason: b, expires: soon}\n": false,
	})
}

func described(t *testing.T, name, title string, value any, verdicts map[string]bool) {
	t.Helper()
	reflector := &jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, Anonymous: true}
	reflector.Mapper = forms
	schema := reflector.Reflect(value)
	schema.Title = title
	data, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, '\n')
	path := filepath.Join("..", "..", "docs", name)
	if *update {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(have, data) {
		t.Errorf("docs/%s is not what the type says; run: go test ./internal/config -update (%v)", name, err)
	}
	parsed, err := validate.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := validate.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, valid := range verdicts {
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(untimed(value)); (err == nil) != valid {
			t.Errorf("the schema of %s says %v about\n%s", name, err, text)
		}
	}
}

// untimed writes days as editors' YAML readers have them, as text.
func untimed(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = untimed(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = untimed(v[key])
		}
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return value
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("version: 1\nnetwork: none\nchecks: {enable: [x]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := config.Parse("c.yaml", data, ids)
		if err == nil && file.Version != 1 {
			t.Errorf("accepted version %d", file.Version)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "c.yaml:") {
			t.Errorf("an error without the file's name: %v", err)
		}
	})
}

// An empty variant is the chart's own values, and says so of both sides alike.
func TestEmptyVariant(t *testing.T) {
	f, err := config.Parse("c.yaml", []byte("version: 1\ntargets:\n  - path: a\n    values: [[], [prod.yaml]]\n  - path: b\n    namespace: shop\n"), ids)
	if err != nil {
		t.Fatal(err)
	}
	stays := func(dir string) string { return dir }
	entries := config.Entries(f, f, config.Moves{Dir: stays, Back: stays})
	if len(entries) != 3 {
		t.Fatalf("got %+v, want three entries", entries)
	}
	for i, want := range []struct {
		layers int
		given  bool
	}{{0, true}, {1, true}, {0, false}} {
		if e := entries[i]; len(e.HeadValues) != want.layers || len(e.BaseValues) != want.layers || e.Given != want.given {
			t.Errorf("entry %d is %+v, want %d layers, values given: %v", i, e, want.layers, want.given)
		}
	}
}

// What extends a file wins by keys, adds to lists, and keeps its targets.
func TestOver(t *testing.T) {
	under := &config.File{
		FailOn: "low", OnUndecided: "warn", Exclude: []string{"a"}, Targets: []config.Target{{Path: "x"}}, Policies: []string{"p.yaml"},
		Checks: config.Checks{Disable: []string{"host-pid"}}, Network: config.Network{Allow: []string{"https://a.example.com/"}},
		Environments: []config.Environment{{Match: "prod/**"}},
	}
	own := &config.File{
		FailOn: "medium", Exclude: []string{"b"}, Checks: config.Checks{Enable: config.Enable{IDs: []string{"host-pid"}}},
		Network: config.Network{Allow: []string{"https://b.example.com/"}}, Environments: []config.Environment{{Match: "dev/**"}},
	}
	got := own.Over(under)
	if got.FailOn != "medium" || got.OnUndecided != "warn" || strings.Join(got.Exclude, " ") != "a b" || len(got.Targets) != 0 || len(got.Policies) != 0 {
		t.Errorf("got %+v", got)
	}
	if all := got.AllChecks(); len(all) != 2 || len(all[0].Disable) != 1 || len(all[1].Enable.IDs) != 1 {
		t.Errorf("checks are %+v, want those of the extended file, then the own ones", all)
	}
	if len(got.Network.Allow) != 2 || got.Environments[1].Match != "dev/**" || len(under.Exclude) != 1 {
		t.Errorf("got %+v from %+v", got, under)
	}
	closed := &config.File{Network: config.Network{None: true}}
	if n := closed.Over(under).Network; !n.None || len(n.Allow) != 0 {
		t.Errorf("none over a list is %+v", n)
	}
	if n := own.Over(closed).Network; n.None || len(n.Allow) != 1 {
		t.Errorf("a list over none is %+v", n)
	}
	if got := strings.Join(under.OnlyThere(), " "); got != "targets policies" {
		t.Errorf("only there: %s", got)
	}
}
