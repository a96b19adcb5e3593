package checks_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/terraform"
)

// TestUnusedIdentities holds what is a use of an identity and what only gives it
// permissions.
func TestUnusedIdentities(t *testing.T) {
	role := func(name, principal string) string {
		return "resource \"aws_iam_role\" \"a\" {\n name = " + name + "\n assume_role_policy = jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = { " + principal + " } }] })\n}\n"
	}
	const service = `Service = "ec2.amazonaws.com"`
	cases := []struct{ text, want string }{
		{role(`"app"`, service), "aws_iam_role"},
		{role(`"app"`, `AWS = "arn:aws:iam::111122223333:root"`), ""},
		{role(`"app"`, `Service = "ec2.amazonaws.com", Federated = "arn:aws:iam::111122223333:oidc-provider/example"`), ""},
		{role(`"dms-vpc-role"`, service), ""},
		{role(`"app"`, service) + `resource "thing" "b" { role = "arn:aws:iam::111122223333:role/team/app" }`, ""},
		{role(`"app"`, service) + `resource "thing" "b" { tags = { of = "app" } }`, "aws_iam_role"},
		{role(`"app"`, service) + `resource "aws_iam_role_policy_attachment" "b" { role = "app" }`, "aws_iam_role"},
		{role(`"app"`, service) + `data "aws_iam_role" "b" { name = "app" }`, ""},
		{role(`"app"`, service) + `resource "thing" "b" { size = uuid() }`, "aws_iam_role"},
		{`resource "aws_iam_instance_profile" "a" { role = "app" }`, "aws_iam_instance_profile"},
		{"resource \"aws_iam_user\" \"a\" { name = \"a\" }\nresource \"aws_iam_user_policy\" \"a\" { user = aws_iam_user.a.name }", "aws_iam_user"},
		{"resource \"aws_iam_user\" \"a\" { name = \"a\" }\nresource \"aws_iam_access_key\" \"a\" { user = aws_iam_user.a.name }", ""},
		{"resource \"azurerm_user_assigned_identity\" \"a\" { name = \"a\" }\nresource \"azurerm_role_assignment\" \"a\" { principal_id = azurerm_user_assigned_identity.a.principal_id }", "azurerm_user_assigned_identity"},
		{"resource \"azurerm_user_assigned_identity\" \"a\" { name = \"a\" }\nresource \"azurerm_federated_identity_credential\" \"a\" { parent_id = azurerm_user_assigned_identity.a.id }", ""},
		{"resource \"google_service_account\" \"a\" { account_id = \"a\" }\nresource \"google_service_account_iam_member\" \"a\" { service_account_id = google_service_account.a.name }", ""},
	}
	i := slices.IndexFunc(checks.All, func(c *checks.Check) bool { return c.ID == "iam-unused" })
	for _, c := range cases {
		result, err := terraform.Evaluate(fstest.MapFS{"main.tf": {Data: []byte(c.text)}}, ".", nil)
		if err != nil || len(result.Skipped) > 0 {
			t.Fatalf("%v, skipped %v: %s", err, result, c.text)
		}
		found, err := checks.Judge([]checks.Rule{{Check: checks.All[i], Severity: checks.Low}}, "example", result.Objects, checks.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range found {
			got = f.Object.Kind
		}
		if len(found) > 1 || got != c.want {
			t.Errorf("found %d, of %q, want %q: %s", len(found), got, c.want, c.text)
		}
	}
}
