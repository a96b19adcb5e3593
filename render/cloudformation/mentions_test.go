package cloudformation

import (
	"fmt"
	"slices"
	"testing"
)

// TestMentions: whatever form a reference has, the resource is named there.
func TestMentions(t *testing.T) {
	const role = "Resources:\n  App:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: App}\n"
	cases := map[string]string{
		"  U:\n    Type: AWS::X::Y\n    Properties: {A: !Ref App}\n":                            "AWS::X::Y U A",
		"  U:\n    Type: AWS::X::Y\n    Properties: {A: {Fn::GetAtt: [App, Arn]}}\n":            "AWS::X::Y U A",
		"  U:\n    Type: AWS::X::Y\n    Properties: {A: {B: [!GetAtt App.Arn]}}\n":              "AWS::X::Y U A",
		"  U:\n    Type: AWS::X::Y\n    Properties: {A: !Sub 'x ${App.Arn}'}\n":                 "AWS::X::Y U A",
		"  U:\n    Type: AWS::X::Y\n    DependsOn: App\n":                                       "AWS::X::Y U DependsOn",
		"Outputs: {O: {Value: !Ref App}}\n":                                                     "Outputs  ",
		"Globals: {Function: {Role: !GetAtt App.Arn}}\nTransform: AWS::Serverless-2016-10-31\n": "Globals  ",
		"  U:\n    Type: AWS::X::Y\n    Properties: {A: Apps}\n":                                "",
		"Description: the App\n":                          "",
		"Transform: Mine\n":                               "unknown",
		"Transform: [AWS::Serverless-2016-10-31, Mine]\n": "unknown",
		"  U:\n    Type: AWS::X::Y\n    Properties: {Fn::Transform: {Name: AWS::Include}}\n":             "unknown",
		"  Fn::ForEach::L: [N, [App], {'U${N}': {Type: AWS::X::Y, Properties: {A: !Ref '${N}'}}}]\n":     "unknown",
		"  U:\n    Type: AWS::X::Y\n    Properties: &p {A: b}\n  V: {Type: AWS::X::Y, Properties: *p}\n": "unknown",
	}
	for text, want := range cases {
		templates, err := Parse("t.yaml", []byte(role+text))
		if err != nil || len(templates) != 1 {
			t.Fatalf("%d templates, %v: %s", len(templates), err, text)
		}
		result, err := templates[0].Evaluate(nil)
		if err != nil {
			t.Fatal(err)
		}
		got := result.Objects[0].Mentions
		var by []string
		for _, m := range got.By {
			by = append(by, fmt.Sprintf("%s %s %s", m.Kind, m.Name, m.Field))
		}
		switch {
		case want == "unknown":
			if got.Known {
				t.Errorf("all mentions are known: %s", text)
			}
		case !got.Known || want == "" && len(by) > 0 || want != "" && !slices.Equal(by, []string{want}):
			t.Errorf("known %v, named by %q, want %q: %s", got.Known, by, want, text)
		}
	}
}
