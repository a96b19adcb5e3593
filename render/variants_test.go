package render_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/rendergate/rendergate/render"
)

const conventions = `
-- file app/Chart.yaml
{apiVersion: v2, name: app, version: 1.0.0}
-- file app/values.yaml
a: 1
-- file app/values.schema.yaml
type: object
-- file app/values.schema.json
{"type": "object"}
-- file app/values-prod.yaml
a: 2
-- file app/values.dev.yml
a: 3
-- file app/us-values.yaml
a: 4
-- file app/values-empty.yaml
# Nothing.
-- file app/values-list.yaml
- a
-- file app/values-helmfile.yaml.gotmpl
a: 5
-- file app/values-rendered.yaml
{{ if .Environment }}
a: 5
{{ end }}
-- file app/values-broken.yaml
a: [
-- file app/values-quoted.yaml
a: '{{ .Release.Name }}'
-- file app/values-pod.yaml
{apiVersion: v1, kind: Pod}
-- file app/other.yaml
a: 6
-- file app/test.yaml
a: 7
-- file app/ci/values.yaml
a: 8
-- file app/ci/a-values.yaml
a: 9
-- file app/ci/kind.yaml
a: 10
-- file app/values/eu.yaml
a: 11
-- file app/environments/prod.yaml
a: 12
-- file app/environments/dev/values.yaml
a: 13
-- file app/environments/dev/other.yaml
a: 14
-- file app/environments/kustomization.yaml
namespace: a
-- file app/charts/sub/Chart.yaml
{apiVersion: v2, name: sub, version: 1.0.0}
-- file app/charts/sub/values-prod.yaml
a: 15
-- file app/templates/values-x.yaml
a: 16
`

func TestVariants(t *testing.T) {
	var fixtures, guessed []string
	for _, v := range render.Variants(files(conventions), "app") {
		if v.Kind != render.Helm || v.Dir != "app" || !v.Guessed || len(v.Values) != 1 {
			t.Errorf("%+v is no guessed variant of app with one layer", v)
		}
		if v.Fixture {
			fixtures = append(fixtures, v.ID())
		} else {
			guessed = append(guessed, v.ID())
		}
	}
	slices.Sort(fixtures)
	slices.Sort(guessed)
	if want := []string{"app@ci/a-values", "app@ci/values", "app@test"}; !slices.Equal(fixtures, want) {
		t.Errorf("fixtures are %q, want %q", fixtures, want)
	}
	want := []string{"app@environments/dev", "app@environments/prod", "app@us-values", "app@values-broken", "app@values-prod",
		"app@values-quoted", "app@values.dev", "app@values/eu"}
	if !slices.Equal(guessed, want) {
		t.Errorf("guessed variants are %q, want %q", guessed, want)
	}
}

// The targets that are found, and what the name of a file alone says, agree.
func TestConventional(t *testing.T) {
	in := files(conventions)
	for _, v := range render.Variants(in, "app") {
		conventional, fixture := render.Conventional("app", "app/"+v.Values[0])
		if !conventional || fixture != v.Fixture {
			t.Errorf("%s is conventional %v, fixture %v; its target says fixture %v", v.Values[0], conventional, fixture, v.Fixture)
		}
	}
	for _, name := range []string{"app/values.yaml", "app/Chart.yaml", "app/values.schema.yaml", "app/charts/sub/values-prod.yaml", "app/ci/kind.yaml", "other/values-prod.yaml"} {
		if conventional, _ := render.Conventional("app", name); conventional {
			t.Errorf("%s is no variant of app", name)
		}
	}
	if conventional, fixture := render.Conventional(".", "ci/a-values.yaml"); !conventional || !fixture {
		t.Error("a chart at the root has fixtures too")
	}
}

func TestReadsFiles(t *testing.T) {
	for text, want := range map[string]bool{
		"-- file app/templates/a.yaml\na: {{ .Values.a }}\n":                       false,
		"-- file app/templates/a.yaml\na: {{ .Files.Get \"values-prod.yaml\" }}\n": true,
		"-- file app/Chart.yaml\nname: app\n":                                      false,
	} {
		if got := render.ReadsFiles(files(text), "app"); got != want {
			t.Errorf("%q reads files: %v, want %v", text, got, want)
		}
	}
}

func TestNeedsValues(t *testing.T) {
	chart := "-- file app/Chart.yaml\n{apiVersion: v2, name: app, version: 1.0.0}\n-- file app/templates/a.yaml\n"
	schema := "-- file app/values.schema.json\n{\"required\": [\"name\"]}\n"
	for text, want := range map[string]bool{
		chart + "a: {{ required \"a name\" .Values.name }}\n": true,
		chart + "a: {{ fail \"a name\" }}\n":                  true,
		chart + "{}\n" + schema:                               true,
		chart + "a: {{ .Values.deep.er }}\n":                  false,
		chart + "a: {{ nothing }}\n":                          false,
	} {
		_, err := render.Render(files(text), render.Target{Kind: render.Helm, Dir: "app"})
		if err == nil {
			t.Errorf("%q renders", text)
		}
		if got := render.NeedsValues(err); got != want {
			t.Errorf("%v needs values: %v, want %v", err, got, want)
		}
	}
	if render.NeedsValues(nil) || render.NeedsValues(errors.New("took too long")) {
		t.Error("only a chart's own refusal asks for values")
	}
}

// Whether a chart may have variants is told from names alone, which must miss none.
func TestFindMissesNoVariant(t *testing.T) {
	in := files(conventions)
	var found []render.Target
	for _, target := range render.Find(in, func(string) bool { return false }).Targets {
		if target.Guessed {
			found = append(found, target)
		}
	}
	if want := render.Variants(in, "app"); len(want) == 0 || !reflect.DeepEqual(found, want) {
		t.Errorf("got %v\nwant %v", found, want)
	}
}
