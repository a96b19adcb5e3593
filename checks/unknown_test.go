package checks_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// TestUnknownNeverFires takes each value of the examples that pass away, and
// holds that no check finds anything then: what nobody knows is no weakness.
func TestUnknownNeverFires(t *testing.T) {
	for _, c := range checks.All {
		if c.Compare != nil || c.ID == "chart-version-floating" || c.ID == "chart-lock-stale" { // which no Terraform describes
			continue
		}
		for _, text := range []string{c.Good, c.NearMiss} {
			for place := range len(valuesOf(t, text)) {
				docs := documents(t, text)
				at := valuesIn(docs)[place]
				*at.node = *manifest.NewUnknown(at.node.Line)
				var objects []*manifest.Object
				for _, doc := range docs {
					objects = append(objects, manifest.FromYAML(doc, manifest.Origin{})...)
				}
				found, err := checks.Judge([]checks.Rule{{Check: c, Severity: c.Severity}}, "example", objects, judgedBy)
				if err != nil {
					t.Fatalf("%s: %v", c.ID, err)
				}
				for _, f := range found {
					if f.Doubt == checks.Certain {
						t.Errorf("%s fires at %s where %s on line %d is unknown: %s", c.ID, f.Field, at.key, at.node.Line, f.Message)
					}
				}
			}
		}
	}
}

// TestUnknownTerraformNeverFires does so with modules, whose values are unknown
// most often.
func TestUnknownTerraformNeverFires(t *testing.T) {
	for _, c := range checks.All {
		for _, text := range []string{c.Terraform.Good, c.Terraform.NearMiss} {
			result, err := terraform.Evaluate(fstest.MapFS{"main.tf": {Data: []byte(text)}}, ".", nil)
			if err != nil {
				t.Fatal(err)
			}
			var roots []*yaml.Node
			for _, o := range result.Objects {
				roots = append(roots, o.Root.YAML())
			}
			for _, at := range valuesIn(roots) {
				was := *at.node
				*at.node = *manifest.NewUnknown(at.node.Line)
				found, err := checks.Judge([]checks.Rule{{Check: c, Severity: c.Severity}}, "example", result.Objects, checks.Settings{})
				if err != nil {
					t.Fatalf("%s: %v", c.ID, err)
				}
				for _, f := range found {
					if f.Doubt == checks.Certain {
						t.Errorf("%s fires at %s where %s on line %d is unknown: %s", c.ID, f.Field, at.key, at.node.Line, f.Message)
					}
				}
				*at.node = was
			}
		}
	}
}

type valueOf struct {
	key  string
	node *yaml.Node
}

func valuesOf(t *testing.T, text string) []valueOf { return valuesIn(documents(t, text)) }

func valuesIn(docs []*yaml.Node) []valueOf {
	var all []valueOf
	var into func(key string, y *yaml.Node)
	into = func(key string, y *yaml.Node) {
		if key == "kind" || key == "apiVersion" {
			return // Terraform knows the type of a resource
		}
		all = append(all, valueOf{key, y})
		for i, c := range y.Content {
			switch {
			case y.Kind == yaml.SequenceNode:
				into(key+"[]", c)
			case i%2 == 1:
				into(y.Content[i-1].Value, c)
			}
		}
	}
	for _, doc := range docs {
		for i := 1; i < len(doc.Content); i += 2 {
			into(doc.Content[i-1].Value, doc.Content[i])
		}
	}
	return all
}

func documents(t *testing.T, text string) []*yaml.Node {
	t.Helper()
	var all []*yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, doc.Content[0])
	}
}
