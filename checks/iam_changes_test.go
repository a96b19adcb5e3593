package checks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/render/manifest"
)

// newIn are the checks on identities that find something new in a change, with a
// question mark where it is only no longer provable.
func newIn(t *testing.T, base, head []*manifest.Object) []string {
	t.Helper()
	rules := everything(t)
	judged := func(objects []*manifest.Object) []checks.Finding {
		found, err := checks.Judge(rules, "target", objects, checks.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	found := delta.Compare(delta.Match(base, head, nil), judged(base), judged(head)).New
	brought, err := checks.Compare(rules, "target", delta.SidesOf(base, head, nil), checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range append(found, brought...) {
		if f.Check.Topic != checks.CloudIAM || f.Check.Off {
			continue
		}
		id := f.Check.ID
		if f.Doubt != checks.Certain {
			id += "?"
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func association(policy, scope string) string {
	return `resource "aws_eks_access_policy_association" "team" {
  principal_arn = "arn:aws:iam::111122223333:role/team"
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKS` + policy + `Policy"
  access_scope {
    ` + scope + `
  }
}
`
}

func statement(body string) string {
	return "variable \"some\" {}\nresource \"aws_iam_role_policy\" \"app\" {\n  role = \"app\"\n  policy = jsonencode({ Statement = [{ Effect = \"Allow\", " + body + " }] })\n}\n"
}

func trust(principal, condition string) string {
	return "variable \"some\" {}\nresource \"aws_iam_role\" \"app\" {\n  assume_role_policy = jsonencode({ Statement = [{ Effect = \"Allow\", Principal = " + principal + ", " + condition + " }] })\n}\n"
}

func owner(scope string) string {
	return "variable \"a\" {}\nvariable \"b\" {}\nresource \"azurerm_role_assignment\" \"app\" {\n  scope = " + scope + "\n  role_definition_name = \"Owner\"\n  principal_id = \"1\"\n}\n"
}

// Conditions and statements that TestIAMChanges puts together.
const (
	inShop  = `type = "namespace"` + "\n" + `    namespaces = ["shop"]`
	inBoth  = `type = "namespace"` + "\n" + `    namespaces = ["shop", "jobs"]`
	inAll   = `type = "cluster"`
	tagged  = `Condition = { StringEquals = { "aws:ResourceTag/team" = "shop" } }`
	looser  = `Condition = { StringLike = { "aws:ResourceTag/team" = "*" } }`
	tighter = `Condition = { StringEquals = { "aws:ResourceTag/team" = ["shop"], "aws:RequestedRegion" = "eu-west-1" } }`
	more    = `Condition = { StringEquals = { "aws:ResourceTag/team" = ["shop", "jobs"] } }`
	given   = `Condition = { StringEquals = { "aws:ResourceTag/team" = var.some } }`
	nobody  = `Condition = var.some`
	every   = `Action = "*", Resource = "*", `
	service = `Action = "s3:*", Resource = "*", `
	bucket  = `Action = "s3:*", Resource = "arn:aws:s3:::logs/*", `
	writes  = `Action = "s3:PutObject", Resource = "*", `
	passes  = `Action = "iam:PassRole", Resource = "*", `
	web     = `Action = "sts:AssumeRoleWithWebIdentity"`
	github  = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	cluster = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"
	sub     = `"token.actions.githubusercontent.com:sub" = "repo:acme/shop:ref:refs/heads/main", "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"`
)

// TestIAMChanges is a table of what a change makes of identities: what is more
// than before is new, and what is less or the same is not.
func TestIAMChanges(t *testing.T) {
	federated := func(list ...string) string { return `{ Federated = ["` + strings.Join(list, `", "`) + `"] }` }
	for name, row := range map[string]struct{ base, head, want string }{
		"a view of one namespace more":         {association("View", inShop), association("View", inBoth), "cloud-identity-changed"},
		"a view of everything":                 {association("View", inShop), association("View", inAll), "cloud-identity-changed"},
		"a view of less":                       {association("View", inAll), association("View", inShop), ""},
		"writes where it read":                 {association("View", inShop), association("Edit", inShop), "cloud-identity-changed"},
		"reads where it wrote":                 {association("Edit", inShop), association("View", inShop), ""},
		"reads secrets":                        {association("View", inAll), association("AdminView", inAll), "cloud-identity-changed"},
		"an administrator of more than one":    {association("Admin", inShop), association("Admin", inAll), "cluster-admin-mapping"},
		"administers all where it did one":     {association("ClusterAdmin", inShop), association("ClusterAdmin", inAll), "cluster-admin-mapping"},
		"administers the cluster as well":      {association("Admin", inAll), association("ClusterAdmin", inAll), "cluster-admin-mapping"},
		"administers only what is in it":       {association("ClusterAdmin", inAll), association("Admin", inAll), ""},
		"nobody knows where":                   {"variable \"scope\" {}\n" + association("Admin", inShop), "variable \"scope\" {}\n" + association("Admin", `type = var.scope`), "cloud-identity-changed? cluster-admin-mapping?"},
		"everything, without a condition":      {statement(every + tagged), statement(every), "iam-admin"},
		"everything, under a condition":        {statement(every), statement(every + tagged), ""},
		"a service, without a condition":       {statement(service + tagged), statement(service), "iam-wildcard-action"},
		"a service, under a looser condition":  {statement(service + tagged), statement(service + looser), "iam-wildcard-action"},
		"a service, for one more":              {statement(service + tagged), statement(service + more), "iam-wildcard-action"},
		"a service, for one less":              {statement(service + more), statement(service + tagged), ""},
		"a service, under one condition more":  {statement(service + tagged), statement(service + tighter), ""},
		"a service, under one condition less":  {statement(service + tighter), statement(service + tagged), "iam-wildcard-action"},
		"a service, for who knows whom":        {statement(service + tagged), statement(service + given), ""},
		"a service, who knows when":            {statement(service + tagged), statement(service + nobody), "iam-wildcard-action"},
		"a bucket, without a condition":        {statement(bucket + tagged), statement(bucket), "iam-wildcard-action-scoped"},
		"writes everywhere, without condition": {statement(writes + tagged), statement(writes), "iam-wildcard-resource"},
		"writes everywhere, who knows when":    {statement(writes + tagged), statement(writes + nobody), "iam-wildcard-resource?"},
		"passes roles, without a condition":    {statement(passes + tagged), statement(passes), "iam-privesc iam-wildcard-resource"},
		"passes roles, who knows when":         {statement(passes + tagged), statement(passes + nobody), "iam-privesc? iam-wildcard-resource?"},
		"less than everything, unconditioned":  {statement(every + tagged), statement(writes), "iam-wildcard-resource"},
		"anybody, who knows when":              {trust(`"*"`, `Action = "sts:AssumeRole", `+tagged), trust(`"*"`, `Action = "sts:AssumeRole", `+nobody), "iam-trust-wildcard?"},
		"an account, who knows when":           {trust(`{ AWS = "111122223333" }`, `Action = "sts:AssumeRole", `+tagged), trust(`{ AWS = "111122223333" }`, `Action = "sts:AssumeRole", `+nobody), "iam-trust-account?"},

		"a second provider, which the claims let nobody in by": {trust(federated(github), web+", Condition = { StringEquals = { "+sub+" } }"), trust(federated(github, cluster), web+", Condition = { StringEquals = { "+sub+" } }"), ""},
		"a second provider, for whom no claim counts": {trust(federated(github), web+", Condition = { StringEquals = { "+sub+" } }"), trust(federated(github, cluster), web+", Condition = { StringEqualsIfExists = { "+sub+" } }"),
			"oidc-trust-broad oidc-trust-no-audience"},
		"another provider, without a claim": {trust(federated(github), web+", Condition = { StringEquals = { "+sub+" } }"), trust(federated(github, cluster), web), "oidc-trust-broad oidc-trust-no-audience"},

		"an owner of another subscription": {owner(`"/subscriptions/1"`), owner(`"/subscriptions/2"`), "cloud-role-broad"},
		"an owner of all of them":          {owner(`"/subscriptions/1"`), owner(`"/providers/Microsoft.Management/managementGroups/all"`), "cloud-role-broad"},
		"an owner of one of them":          {owner(`"/providers/Microsoft.Management/managementGroups/all"`), owner(`"/subscriptions/1"`), ""},
		"an owner, by another name":        {owner(`data.azurerm_subscription.a.id`), owner(`data.azurerm_subscription.b.id`), ""},
	} {
		if got := strings.Join(newIn(t, moduleOf(t, row.base), moduleOf(t, row.head)), " "); got != row.want {
			t.Errorf("%s: new are %q, want %q", name, got, row.want)
		}
	}
}

// TestRoleLeaves holds that a role which leaves what is judged, while it stays bound,
// is told: nobody sees any more what it allows.
func TestRoleLeaves(t *testing.T) {
	bound, role := rbacBinding("shop", "Role", "r", jane), rbacRole("Role", "{name: r, namespace: shop}", configRule)
	found := broughtBy(t, "rbac-widened", parse(t, bound+role), parse(t, bound))
	if len(found) != 1 || found[0].Doubt != checks.NoLonger || !strings.Contains(found[0].Message, "leaves this target") {
		t.Errorf("%v, want one that is no longer provable", messages(found))
	}
	for name, sides := range map[string][2]string{"it goes with its binding": {bound + role, configMap("a", "b")}, "it was never here": {bound, "# touched\n" + bound}} {
		if found := broughtBy(t, "rbac-widened", parse(t, sides[0]), parse(t, sides[1])); len(found) > 0 {
			t.Errorf("%s: %v", name, messages(found))
		}
	}
}
