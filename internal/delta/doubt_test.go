package delta_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/render/manifest"
)

// TestDoubts is the table of what base and head know of a field.
func TestDoubts(t *testing.T) {
	const safe, weak, unknown, none = "IMMUTABLE", "MUTABLE", "?", ""
	for _, row := range []struct {
		base, head       string
		new, kept, fixed int
		severity         checks.Severity
	}{
		{safe, unknown, 1, 0, 0, checks.Low}, // one step below medium
		{unknown, unknown, 0, 0, 0, 0},
		{weak, unknown, 0, 0, 0, 0}, // neither kept nor fixed: nobody knows
		{unknown, weak, 1, 0, 0, checks.Medium},
		{unknown, safe, 0, 0, 0, 0},
		{none, unknown, 0, 0, 0, 0}, // a new object was never proved safe
		{safe, weak, 1, 0, 0, checks.Medium},
		{weak, safe, 0, 0, 1, 0},
		{weak, weak, 0, 1, 0, 0},
	} {
		base, head := repository(row.base), repository(row.head)
		compared := delta.Compare(delta.Match(base, head, nil), judged(t, base), judged(t, head))
		if len(compared.New) != row.new || len(compared.Kept) != row.kept || len(compared.Fixed) != row.fixed {
			t.Errorf("%q to %q: new %v, kept %v, fixed %v", row.base, row.head, compared.New, compared.Kept, compared.Fixed)
			continue
		}
		if row.new > 0 && compared.New[0].Severity != row.severity {
			t.Errorf("%q to %q: severity %s, want %s", row.base, row.head, compared.New[0].Severity, row.severity)
		}
		if doubt := compared.New; row.new > 0 && (doubt[0].Doubt == checks.NoLonger) != (row.head == unknown) {
			t.Errorf("%q to %q: doubt %d", row.base, row.head, doubt[0].Doubt)
		}
	}
}

func repository(mutability string) []*manifest.Object {
	if mutability == "" {
		return nil
	}
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: mutability, Line: 2}
	if mutability == "?" {
		value = manifest.NewUnknown(2)
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Line: 1, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "image_tag_mutability"}, value}}
	return []*manifest.Object{manifest.NewObject(manifest.Ref{APIVersion: "terraform", Kind: "aws_ecr_repository", Name: "app"}, manifest.Origin{Path: "main.tf", Exact: true}, root)}
}

func judged(t *testing.T, objects []*manifest.Object) []checks.Finding {
	t.Helper()
	c := checks.Find(checks.All, "registry-tag-mutable")
	found, err := checks.Judge([]checks.Rule{{Check: c, Severity: c.Severity}}, "example", objects, checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDoubtBesideCertainty holds that what is weak at both sides is kept, whatever
// else of the same check nobody knows.
func TestDoubtBesideCertainty(t *testing.T) {
	side := func(class string) ([]*manifest.Object, []checks.Finding) {
		objects := repository("MUTABLE")
		of := judged(t, objects)[0]
		sure, doubt := of, of
		sure.Subject.Class, doubt.Doubt = class, checks.Unprovable
		return objects, []checks.Finding{sure, doubt}
	}
	base, was := side("one")
	for class, want := range map[string]int{"one": 0, "another": 1} {
		head, is := side(class)
		compared := delta.Compare(delta.Match(base, head, nil), was, is)
		if len(compared.New) != want || len(compared.Kept) != 1-want || len(compared.Fixed) != 0 {
			t.Errorf("%s: new %v, kept %v, fixed %v", class, compared.New, compared.Kept, compared.Fixed)
		}
	}
}

// TestDoubtOfAnotherField holds that what base has at one field says nothing of
// another, and that what moves is no news.
func TestDoubtOfAnotherField(t *testing.T) {
	side := func(fields ...string) ([]*manifest.Object, []checks.Finding) {
		objects := repository("MUTABLE")
		var found []checks.Finding
		for _, field := range fields {
			f := judged(t, objects)[0]
			f.Field = field[1:]
			if field[0] == '?' {
				f.Doubt = checks.Unprovable
			}
			found = append(found, f)
		}
		return objects, found
	}
	for _, row := range []struct {
		base, head []string
		new        int
	}{
		{[]string{"!rules[0]"}, []string{"!rules[0]", "?rules[1]"}, 1},
		{[]string{"?rules[0]"}, []string{"?rules[0]", "?rules[1]"}, 1},
		{[]string{"?rules[0]"}, []string{"?rules[1]", "?rules[0]"}, 1},
		{[]string{"?rules[0]"}, []string{"?rules[1]"}, 0}, // another rule was put before it
		{[]string{"!rules[0]"}, []string{"?rules[0]"}, 0},
		{[]string{"!rules[0]", "?rules[1]"}, []string{"!rules[1]", "?rules[2]"}, 0},
		{[]string{"!rules[0]", "?rules[1]"}, []string{"?rules[0]", "?rules[1]"}, 0},
		{nil, []string{"?rules[0]", "?rules[1]"}, 1}, // told once
	} {
		base, was := side(row.base...)
		head, is := side(row.head...)
		compared := delta.Compare(delta.Match(base, head, nil), was, is)
		if len(compared.New) != row.new || row.new > 0 && compared.New[0].Doubt != checks.NoLonger {
			t.Errorf("%v to %v: new %v", row.base, row.head, compared.New)
		}
	}
}

// TestGravestDoubtIsTold holds that of several places which nobody knows any more
// the gravest is told, and that the mildest may have moved.
func TestGravestDoubtIsTold(t *testing.T) {
	side := func(graded ...checks.Severity) ([]*manifest.Object, []checks.Finding) {
		objects := repository("MUTABLE")
		var found []checks.Finding
		for i, severity := range graded {
			f := judged(t, objects)[0]
			f.Field, f.Doubt, f.Graded = string(rune('a'+i+len(graded))), checks.Unprovable, severity
			f.Severity = f.Of(f.Severity)
			found = append(found, f)
		}
		return objects, found
	}
	for _, before := range [][]checks.Severity{nil, {checks.Low}} {
		base, was := side(before...)
		head, is := side(checks.Low, checks.Critical)
		compared := delta.Compare(delta.Match(base, head, nil), was, is)
		if len(compared.New) != 1 || compared.New[0].Severity != checks.High {
			t.Errorf("%v: new %v, want one that is high", before, compared.New)
		}
	}
}
