package infra_test

import (
	"slices"
	"testing"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

// policyOf is a policy as the text of an ACK object holds it.
func policyOf(t *testing.T, statements string) infra.IAMPolicy {
	t.Helper()
	text := "apiVersion: iam.services.k8s.aws/v1alpha1\nkind: Policy\nmetadata: {name: p}\nspec:\n  policyDocument: '{\"Statement\": " + statements + "}'\n"
	objects, err := manifest.Parse([]byte(text), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	all := infra.IAMOf(objects[0]).Policies
	if len(all) != 1 {
		t.Fatalf("%d policies of %s", len(all), text)
	}
	return all[0]
}

func TestPowers(t *testing.T) {
	for statements, want := range map[string][]string{
		`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`:                                                                                  {"s3:* on *"},
		`[{"Effect": "Allow", "Action": ["b:X", "a:Y"], "Resource": ["r2", "r1"]}]`:                                                               {"b:X on r1,r2", "a:Y on r1,r2"},
		`[{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}]`:                                                                          {"not iam:* on *"},
		`[{"Effect": "Allow", "Action": "a:X", "NotResource": "r"}]`:                                                                              {"a:X on *"},
		`[{"Effect": "Deny", "Action": "*", "Resource": "*"}]`:                                                                                    nil,
		`[{"Effect": "Allow", "Action": ["s3:*", "a:X"], "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]`:                {"a:X on *"},
		`[{"Effect": "Allow", "Action": ["s3:Get*", "iam:PassRole"], "Resource": "*"}, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}]`: {"s3:Get* on *"},
		`[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}]`:                 {"s3:* on *"},
		`[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "r"}]`:                         {"s3:* on *"},
		`[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {}}}]`: {"s3:* on *"},
		`[{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]`:                                                                     nil,
		`"no statement"`: nil,
	} {
		var got []string
		for _, power := range policyOf(t, statements).Powers() {
			got = append(got, power.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", statements, got, want)
		}
	}
}

func TestEscalations(t *testing.T) {
	for actions, want := range map[string][]string{
		`"iam:CreatePolicyVersion"`:                               {"iam:CreatePolicyVersion on *"},
		`"iam:Put*"`:                                              {"iam:Put* on *"},
		`"IAM:passrole"`:                                          {"iam:PassRole"},
		`"iam:PassRole", "lambda:CreateFunction"`:                 {"iam:PassRole"},
		`"iam:PassRole", "lambda:*"`:                              {"iam:PassRole,lambda:CreateFunction+lambda:AddPermission,lambda:CreateFunction+lambda:CreateEventSourceMapping,lambda:CreateFunction+lambda:InvokeFunction", "lambda:* on *"},
		`"iam:PassRole", "ec2:RunInstances"`:                      {"iam:PassRole,ec2:RunInstances"},
		`"ec2:RunInstances", "lambda:CreateFunction", "iam:Get*"`: nil,
		`"sts:AssumeRole"`:                                        {"sts:AssumeRole on *"},
		`"*"`:                                                     nil, // worse, and told as that
	} {
		var got []string
		for _, e := range policyOf(t, `[{"Effect": "Allow", "Action": [`+actions+`], "Resource": "*"}]`).Escalations() {
			got = append(got, e.Class)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", actions, got, want)
		}
	}
	for _, narrow := range []string{`"Resource": "arn:aws:iam::111122223333:role/app"`, `"Resource": "*", "Condition": {"StringEquals": {"a": "b"}}`} {
		if got := policyOf(t, `[{"Effect": "Allow", "Action": ["iam:*", "sts:*"], `+narrow+`}]`).Escalations(); len(got) > 0 {
			t.Errorf("%s: %v", narrow, got)
		}
	}
	if got := policyOf(t, `[{"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "arn:aws:iam::111122223333:role/*"}]`).Escalations(); len(got) != 1 {
		t.Errorf("any role is one of few: %v", got)
	}
}

func TestIncludes(t *testing.T) {
	for _, tc := range []struct {
		wide, narrow string
		want         bool
	}{
		{"*", "s3:*", true}, {"s3:*", "s3:Get*", true}, {"s3:Get*", "s3:*", false}, {"s3:Get*", "s3:Get*Acl", true}, {"s3:Get?", "s3:Get*", false},
		{"s3:Get?", "s3:Get?", true}, {"a*c", "abc", true}, {"a*c", "ab", false}, {"", "a", false}, {"a", "", false}, {"*", "", true}, {"a*b*c", "a*c", false},
	} {
		if got := infra.Includes(tc.wide, tc.narrow); got != tc.want {
			t.Errorf("%q includes %q: %t", tc.wide, tc.narrow, got)
		}
	}
}

func TestNames(t *testing.T) {
	at := func(y string) manifest.Node {
		return manifest.NewObject(manifest.Ref{}, manifest.Origin{}, manifest.NewPartly(1, y)).Root
	}
	for text, want := range map[string]string{
		"${aws_iam_role.node.name}":                   "aws_iam_role.node",
		"${module.a.aws_iam_policy.p.arn}":            "module.a.aws_iam_policy.p",
		"arn:aws:iam::${var.account}:role/path/node":  "node",
		"${data.aws_iam_policy_document.p.json}":      "",
		"arn:aws:iam::1:role/${aws_iam_role.r[0].id}": "aws_iam_role.r",
	} {
		if names := infra.Names(at(text)); want != "" && !slices.Contains(names, want) || want == "" && len(names) != 1 {
			t.Errorf("%s: %q, want %q", text, names, want)
		}
	}
}
