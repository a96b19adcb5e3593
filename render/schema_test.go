package render_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/render"
)

// withSchema renders a chart of one ConfigMap under a schema.
func withSchema(schema, values string) error {
	in := files("-- file app/Chart.yaml\napiVersion: v2\nname: app\nversion: 1.0.0\n-- file app/values.yaml\n" + values +
		"\n-- file app/templates/c.yaml\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\n")
	in.MapFS["app/values.schema.json"] = &fstest.MapFile{Data: []byte(schema)}
	_, err := render.Render(in, render.Target{Kind: render.Helm, Dir: "app"})
	return err
}

// TestSchemaIsNeverFetched: helm's validator asks the network with a transport
// of its own, and opens any file of this machine.
func TestSchemaIsNeverFetched(t *testing.T) {
	var called atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		called.Add(1)
		if _, err := w.Write([]byte(`{"type": "string", "definitions": {"x": {"type": "string"}}}`)); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "outside.json")
	if err := os.WriteFile(file, []byte(`{"type": "string"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, ref := range map[string]string{
		"http": server.URL + "/s.json", "http, a part": server.URL + "/s.json#/definitions/x", "file": "file://" + filepath.ToSlash(file),
		"relative": "outside.json#/x", "urn": "urn:example:s", "other scheme": "ftp://example.com/s",
	} {
		schema := `{"type": "object", "properties": {"name": {"$ref": "` + ref + `"}, "m": {"minimum": 3}}}`
		if err := withSchema(schema, "name: 1\nm: 3"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		err := withSchema(schema, "name: 1\nm: 2")
		if err == nil || !strings.Contains(err.Error(), "at '/m': minimum: got 2, want 3") || !strings.Contains(err.Error(), "not read, since a render reaches neither the network") || !strings.Contains(err.Error(), strings.Split(ref, "#")[0]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, schema := range map[string]string{
		"meta schema": `{"$schema": "` + server.URL + `/meta.json", "type": "object"}`,
		"id":          `{"$id": "` + server.URL + `/me.json", "properties": {"name": {"$ref": "other.json"}, "m": {"$ref": "#/definitions/m"}}, "definitions": {"m": {"minimum": 3}}}`,
	} {
		if err := withSchema(schema, "name: 1\nm: 3"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := called.Load(); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
	var many strings.Builder
	for i := range 100 {
		many.WriteString(`{"$ref": "https://example.com/` + strings.Repeat("x", i+1) + `"},`)
	}
	if err := withSchema(`{"allOf": [`+many.String()+`true]}`, "name: 1"); err == nil || !strings.Contains(err.Error(), "more than 64 documents") {
		t.Errorf("100 documents: %v", err)
	}
}

// TestSchemaIsHelms: the words are helm's, and so is what counts as a failure.
func TestSchemaIsHelms(t *testing.T) {
	for schema, want := range map[string]string{
		`{"required": ["who"]}`: "values don't meet the specifications of the schema(s) in the following chart(s):\napp:\n- at '': missing property 'who'\n",
		`{"type": `:             "app:\nunexpected EOF",
		`{"$ref": "#/nothing"}`: "values.schema.json",
	} {
		if err := withSchema(schema, "name: 1"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", schema, err, want)
		}
	}
	in := files(`
-- file app/Chart.yaml
apiVersion: v2
name: app
version: 1.0.0
-- file app/charts/sub/Chart.yaml
apiVersion: v2
name: sub
version: 1.0.0
-- file app/charts/sub/values.schema.json
{"properties": {"name": {"type": "string"}}}
-- file app/values.yaml
sub: {name: 1}
`)
	if _, err := render.Render(in, render.Target{Kind: render.Helm, Dir: "app"}); err == nil || !strings.Contains(err.Error(), "sub:\n- at '/name': got number, want string\n") {
		t.Errorf("a subchart's schema: %v", err)
	}
}

// TestWhatDeploysNothingMayFailWhereAPartIsMissing, and only there.
func TestWhatDeploysNothingMayFailWhereAPartIsMissing(t *testing.T) {
	const base = `
-- file app/Chart.yaml
apiVersion: v2
name: app
version: 1.0.0
dependencies: [DEPENDENCY]
-- file app/templates/c.yaml
kind: ConfigMap
apiVersion: v1
metadata: {name: c}
`
	const wants = "{{ include \"gone.name\" . }}"
	const gone = "{name: gone, version: 1.0.0, repository: https://charts.example.com}"
	for name, tc := range map[string]struct {
		dependency, file string
		renders          bool
	}{
		"notes, part missing": {gone, "NOTES.txt", true},
		"test, part missing":  {gone, "tests/t.yaml", true},
		"other, part missing": {gone, "t.yaml", false},
		"notes":               {"", "NOTES.txt", false},
		"test":                {"", "tests/t.yaml", false},
	} {
		in := files(strings.Replace(base, "DEPENDENCY", tc.dependency, 1) + "-- file app/templates/" + tc.file + "\n" + wants)
		result, err := render.Render(in, render.Target{Kind: render.Helm, Dir: "app"})
		if tc.renders && (err != nil || len(result.Objects) != 1 || len(result.Missing) != 1) || !tc.renders && err == nil {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}
