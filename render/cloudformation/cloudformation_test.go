package cloudformation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// evaluated are the objects of the templates of a text.
func evaluated(t testing.TB, text string, given *Values) []*manifest.Object {
	t.Helper()
	templates, err := Parse("t.yaml", []byte(text))
	if err != nil || len(templates) == 0 {
		t.Fatal(len(templates), err)
	}
	var all []*manifest.Object
	for _, template := range templates {
		result, err := template.Evaluate(given)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, result.Objects...)
	}
	return all
}

// told is a value as the tests write it: what is unknown in angle brackets.
func told(n manifest.Node) string {
	switch {
	case !n.Exists():
		return "absent"
	case n.Unknown():
		if known := n.Known(); !known.Unknown() {
			return "<" + known.Text() + ">"
		}
		return "<>"
	case n.IsMap():
		var parts []string
		for key, value := range n.Fields() {
			parts = append(parts, key+"="+told(value))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case n.IsList():
		var parts []string
		for item := range n.Items() {
			parts = append(parts, told(item))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return n.Text()
}

// around is the template that functions are called in.
const around = `Parameters:
  Name: {Type: String, Default: main}
  Zones: {Type: "List<String>", Default: "a, b"}
  Count: {Type: Number, Default: "2"}
  Free: {Type: String}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /path}
Conditions:
  IsMain: !Equals [!Ref Name, main]
  IsOther: !Not [!Condition IsMain]
  Both: !And [!Condition IsMain, !Equals [!Ref Count, 2]]
  Either: {"Fn::Or": [{Condition: IsOther}, {Condition: IsMain}]}
  Free: !Equals [!Ref Free, x]
  NoneOfIt: !And [!Condition Free, !Condition IsOther]
  AllOfIt: !Or [!Condition Free, !Condition IsMain]
  China: !Equals [!Ref AWS::Partition, aws-cn]
  Circle: !Not [!Condition Circle]
Mappings:
  Map: {eu: {ami: ami-1, list: [x, y], aws: p}}
Resources:
  Role: {Type: "AWS::IAM::Role"}
  R:
    Type: AWS::Test::Thing
    Properties:
      P: `

// functions are calls, and what they give below that template.
var functions = map[string]string{
	"!Ref Name":                     "main",
	"{Ref: Name}":                   "main",
	"!Ref Zones":                    "[a b]",
	"!Ref Count":                    "2",
	"!Ref Free":                     "<${Free}>",
	"!Ref Stored":                   "<${Stored}>",
	"!Ref Role":                     "<${AWS::IAM::Role.Role}>",
	"!Ref AWS::NoValue":             "absent",
	"[a, !Ref AWS::NoValue, b]":     "[a b]",
	"!GetAtt Role.Arn":              "<${AWS::IAM::Role.Role.Arn}>",
	"{'Fn::GetAtt': [Role, Arn]}":   "<${AWS::IAM::Role.Role.Arn}>",
	"!Sub '${Name}-${!Name}-$Name'": "main-${Name}-$Name",
	"!Sub '${AWS::Partition}:${AWS::AccountId}'": "<aws:${AWS::AccountId}>",
	"!Sub ['${a}${Name}', {a: !Ref Count}]":      "2main",
	"!Sub '${Role.Arn}'":                         "<${AWS::IAM::Role.Role.Arn}>",
	"!Sub '${Name'":                              "${Name",
	`!Sub '{"a": "${Free}", "${Role.Arn}:sub": ["x", "${Name}"], "${!b}": "${!c}"}'`: "{a=<${Free}> ${AWS::IAM::Role.Role.Arn}:sub=[x main] ${b}=${c}}",
	"!Join ['-', [a, !Ref Name]]":                            "a-main",
	"!Join ['', [a, !Ref Free]]":                             "<a${Free}>",
	"!Join [',', !Ref Zones]":                                "a,b",
	"!Select [1, !Ref Zones]":                                "b",
	"!Select [9, !Ref Zones]":                                "<>",
	"!Split ['-', 'a-b']":                                    "[a b]",
	"!Select [0, !Split ['/', !Sub '${Name}/x']]":            "main",
	"!FindInMap [Map, eu, ami]":                              "ami-1",
	"!FindInMap [Map, eu, list]":                             "[x y]",
	"!FindInMap [Map, !Ref AWS::Region, ami]":                "<>",
	"!FindInMap [Map, us, ami]":                              "<>",
	"!FindInMap [Map, us, ami, {DefaultValue: d}]":           "d",
	"!If [IsMain, a, b]":                                     "a",
	"!If [IsOther, a, b]":                                    "b",
	"!If [Both, a, b]":                                       "a",
	"!If [Either, a, b]":                                     "a",
	"!If [Free, a, b]":                                       "<>",
	"!If [Free, a, a]":                                       "a",
	"!If [NoneOfIt, a, b]":                                   "b",
	"!If [AllOfIt, a, b]":                                    "a",
	"!FindInMap [Map, eu, !Ref AWS::Partition]":              "p",
	"!If [China, a, b]":                                      "<>",
	"!If [Circle, a, b]":                                     "<>",
	"!If [NotThere, a, b]":                                   "<>",
	"!If [IsMain, {a: 'true'}, !Ref AWS::NoValue]":           "{a=true}",
	"!Base64 abc":                                            "abc",
	"{'Fn::ToJsonString': {a: !Ref Name}}":                   "{a=main}",
	"{'Fn::Length': [a, b]}":                                 "2",
	"!ImportValue x":                                         "<>",
	"!GetAZs ''":                                             "<>",
	"{a: 1, 'Fn::Transform': {Name: x}}":                     "<>",
	"{'Fn::ForEach::L': [I, !Ref Zones, {'k${I}': !Ref I}]}": "{ka=a kb=b}",
	"{'Fn::ForEach::L': [I, !Ref Free, {'k${I}': !Ref I}]}":  "{k*=<>}",
}

func TestFunctions(t *testing.T) {
	for text, want := range functions {
		objects := evaluated(t, around+text+"\n", nil)
		if got := told(objects[1].Root.Get("Properties", "P")); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestReferences(t *testing.T) {
	objects := evaluated(t, "Resources:\n  A: {Type: AWS::IAM::Role}\n  B: {Type: AWS::EKS::Cluster, Properties: {RoleArn: !Sub '${A.Arn}', Other: !Ref A, None: !Sub 'x${A}'}}\n", nil)
	for field, want := range map[string]string{"RoleArn": "{AWS::IAM::Role A Arn} true", "Other": "{AWS::IAM::Role A } true", "None": "{  } false"} {
		to, refers := objects[1].Root.Get("Properties", field).Refers()
		if got := fmt.Sprint(to, " ", refers); got != want {
			t.Errorf("%s refers to %s, want %s", field, got, want)
		}
	}
}

func TestValues(t *testing.T) {
	const text = "Parameters: {A: {Type: String, Default: d}, B: {Type: String}}\nResources: {R: {Type: AWS::X::Y, Properties: {A: !Ref A, B: !Ref B}}}\n"
	for file, want := range map[string]string{
		`[{"ParameterKey": "A", "ParameterValue": "1"}]`:                                                  "{A=1 B=<${B}>}",
		`[{"ParameterKey": "A", "UsePreviousValue": true}, {"ParameterKey": "B", "ParameterValue": "2"}]`: "{A=<${A}> B=2}",
		`["A=1", "B=2=3"]`:                     "{A=1 B=2=3}",
		`{"Parameters": {"A": 1, "B": "2"}}`:   "{A=1 B=2}",
		"Parameters:\n  B: x\nTags: {team: a}": "{A=d B=x}",
		`{"Parameters": {"A": {"Type": "x"}}}`: "no",
		`{"A": "1"}`:                           "no",
		`[{"Key": "A"}]`:                       "no",
		`[1, 2]`:                               "no",
		`{`:                                    "no",
	} {
		values := ReadValues("p.json", []byte(file))
		got := "no"
		if values != nil {
			got = told(evaluated(t, text, values)[0].Root.Get("Properties"))
		}
		if got != want {
			t.Errorf("%s gives %s, want %s", file, got, want)
		}
	}
	templates, err := Parse("t", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if ReadValues("p", []byte(`["A=1", "C=2"]`)).For(templates[0]) || !ReadValues("p", []byte(`["A=1"]`)).For(templates[0]) {
		t.Error("values are for templates that have all of the parameters")
	}
}

func TestWhatIsATemplate(t *testing.T) {
	for text, want := range map[string]int{
		"AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n":                     1,
		"Resources: {A: {Type: Custom::Thing}}\n":                                     1,
		"{\n\t\"Resources\": {\n\t\t\"A\": {\"Type\": \"AWS::S3::Bucket\"}\n\t}\n}\n": 1,
		"Resources: {A: {Type: Thing}}\n":                                             0,
		"apiVersion: v1\nkind: ConfigMap\nResources: {A: {Type: AWS::S3::Bucket}}\n":  0,
		"a: 1\n---\nResources: {A: {Type: AWS::S3::Bucket}}\n":                        1,
		"Resources: [AWS::S3::Bucket]\n":                                              0,
		"":                                                                            0,
	} {
		templates, err := Parse("t", []byte(text))
		if err != nil || len(templates) != want {
			t.Errorf("%q holds %d templates, want %d: %v", text, len(templates), want, err)
		}
		if want > 0 && !Looks([]byte(text)) {
			t.Errorf("%q does not look like one", text)
		}
	}
	if _, err := Parse("t", []byte("Resources: [\n")); err == nil {
		t.Error("broken YAML is no error")
	}
}

// TestHostile holds that what a few lines multiply ends soon, with an error.
func TestHostile(t *testing.T) {
	double := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i, i+1, i+1)
		}
		return b.String()
	}
	loops := strings.Repeat("{'Fn::ForEach::L%d': [I, [a, b, c, d, e, f, g, h, i, j], ", 8) + "{'k': v}" + strings.Repeat("]}", 8)
	for name, text := range map[string]string{
		"loops":      "Resources: {R: {Type: AWS::X::Y, P: " + loops + "}}",
		"deep":       "Resources: {R: {Type: AWS::X::Y, P: " + strings.Repeat("[", 400) + strings.Repeat("]", 400) + "}}",
		"subs":       "Parameters: {A: {Type: String, Default: " + strings.Repeat("x", 100_000) + "}}\nResources: {R: {Type: AWS::X::Y, P: !Sub '" + strings.Repeat("${A}", 10_000) + "'}}",
		"conditions": "Conditions:\n" + double(300, "  C%d: !And [!Condition C%d, !Condition C%d]\n") + "Resources: {R: {Type: AWS::X::Y, Condition: C0}}",
		"resources":  "Resources:\n" + double(mostObjects+1, "  R%d: {Type: AWS::X::Y, D: %d, E: %d}\n"),
	} {
		start := time.Now()
		templates, err := Parse("t", []byte(text))
		if err == nil {
			_, err = templates[0].Evaluate(nil)
		}
		if took := time.Since(start); err == nil || took > 5*time.Second {
			t.Errorf("%s: %v after %s", name, err, took)
		}
	}
	bomb := "b0: &b0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 8 {
		bomb += fmt.Sprintf("b%d: &b%d [", i+1, i+1) + strings.Repeat(fmt.Sprintf("*b%d,", i), 10) + "]\n"
	}
	bomb += "Resources: {A: {Type: AWS::X::Y}}\n"
	if _, err := Parse("t", []byte(bomb)); err == nil {
		t.Error("a bomb of anchors is a template")
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add("Parameters: {A: {Type: String, Default: x}}\nConditions: {C: !Equals [!Ref A, x]}\nMappings: {M: {a: {b: c}}}\nResources:\n  R:\n    Type: AWS::X::Y\n    Condition: C\n    Properties: {P: !If [C, !FindInMap [M, a, b], !Ref AWS::NoValue], Q: !Sub '${A}', R: !Join ['', [a, !Select [0, !Split [',', x]]]]}\n", `["A=1"]`)
	f.Add("Resources:\n  Fn::ForEach::X: [I, [a, b], {'R${I}': {Type: AWS::X::Y, P: !GetAtt [a, b]}}]\n", `[{"ParameterKey": "A", "ParameterValue": "1"}]`)
	f.Add(`{"Resources": {"R": {"Type": "AWS::X::Y", "Properties": {"Fn::Transform": {}}}}}`, `{"Parameters": {"A": "1"}}`)
	f.Fuzz(func(t *testing.T, text, parameters string) {
		templates, err := Parse("t.yaml", []byte(text))
		if err != nil {
			return
		}
		for _, template := range templates {
			result, err := template.Evaluate(ReadValues("p.json", []byte(parameters)))
			if err != nil {
				continue
			}
			for _, o := range result.Objects {
				if o.Kind == "" || o.Root.HasUnknown() && o.Root.Unknown() {
					t.Errorf("%v", o.Ref)
				}
				if _, err := yaml.Marshal(o.Root.Shown()); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
