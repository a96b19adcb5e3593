package terraform_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// tree makes a tree of pairs of path and text.
func tree(files ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i+1 < len(files); i += 2 {
		all[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return all
}

func evaluate(t *testing.T, tree fs.FS, dir string, layers ...string) *terraform.Result {
	t.Helper()
	result, err := terraform.Evaluate(tree, dir, layers)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func object(t *testing.T, r *terraform.Result, name string) *manifest.Object {
	t.Helper()
	for _, o := range r.Objects {
		if at := o.Identity(); at.Kind+"."+at.Name == name {
			return o
		}
	}
	t.Fatalf("no %s among %v", name, names(r))
	return nil
}

func names(r *terraform.Result) []string {
	var all []string
	for _, o := range r.Objects {
		at := o.Identity()
		all = append(all, at.Kind+"."+at.Name)
	}
	return all
}

// said is a value as text, with its line.
func said(n manifest.Node) string {
	switch {
	case n.Unknown():
		return "unknown"
	case !n.Exists():
		return "absent"
	case n.IsMap() || n.IsList():
		return fmt.Sprintf("%d parts:%d", n.Len(), n.Line())
	}
	return fmt.Sprintf("%s:%d", n.Text(), n.Line())
}

// valued is a module with a value of each sort.
const valued = `variable "given" { default = "default" }
variable "open" {}
variable "shape" {
  type    = object({ a = string, b = optional(bool, true) })
  default = { a = "x" }
}
locals {
  loop  = local.loop
  self  = "${local.other}-1"
  other = "o"
  tags  = { team = "shop", cost = var.open }
}
resource "thing" "a" {
  default   = var.given
  unknown   = var.open
  within    = "name-${var.open}"
  default_b = var.shape.b
  cycle     = local.loop
  chained   = local.self
  team      = local.tags.team
  cost      = local.tags["cost"]
  no        = null
  choice    = var.given == "default" ? "yes" : "no"
  unsure    = var.open ? "yes" : "no"
  other     = thing.b.name
  computed  = thing.b.arn
  tried     = try(local.tags.none, "fallback")
  nobody    = provider::x::y("a")
  hash      = sha256("x")
  upper     = upper(join("-", ["a", "b"]))
  looked    = lookup({ a = 1 }, "b", 2)
  merged    = merge({ a = 1 }, { b = 2 }).b
  file      = trimspace(file("${path.module}/note.txt"))
  outside   = file("../../etc/passwd")
  filled    = templatefile("${path.module}/t.tpl", { who = "me", n = [1, 2] })
  many      = length(fileset(path.module, "files/*.txt"))
  decoded   = jsondecode("{\"a\": [1, 2]}").a[1]
  yaml      = yamldecode("a: {b: c}").a.b
  bool      = "true"
}
resource "thing" "b" {
  name = "bee"
}
`

func TestValues(t *testing.T) {
	files := tree("main.tf", valued, "note.txt", "hello\n", "t.tpl", "%{ for i in n }${who}${i} %{ endfor }", "files/a.txt", "", "files/b.txt", "", "files/c.md", "")
	a := object(t, evaluate(t, files, "."), "thing.a")
	for field, want := range map[string]string{
		"default": "default:1", "unknown": "unknown", "within": "unknown", "default_b": "true:17", "cycle": "unknown", "chained": "o-1:9", "team": "shop:11",
		"cost": "unknown", "no": "absent", "choice": "yes:23", "unsure": "unknown", "other": "bee:42", "computed": "unknown", "tried": "fallback:27", "nobody": "unknown",
		"hash": "unknown", "upper": "A-B:30", "looked": "2:31", "merged": "2:32", "file": "hello:33", "outside": "unknown", "filled": "me1 me2 :35", "many": "2:36",
		"decoded": "2:37", "yaml": "c:38", "bool": "true:39",
	} {
		got := said(a.Root.Get(field))
		// A value of the same file stands where it is written.
		if got != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
	}
	if !a.Root.Get("bool").IsTrue() || !a.Root.Get("unknown", "below", "it").Unknown() {
		t.Error("a text true is a boolean, and below what is unknown all is")
	}
}

func TestInstancesModulesAndVariables(t *testing.T) {
	files := tree(
		"prod/main.tf", `variable "names" { default = ["x"] }
variable "size" {}
module "net" {
  source = "../net"
  size   = var.size
  for_each = toset(var.names)
}
module "far" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"
}
resource "thing" "none" { count = 0 }
resource "thing" "two" {
  count = 2
  index = count.index
}
resource "thing" "maybe" { count = var.size == "" ? 1 : 0 }
resource "thing" "each" {
  for_each = { a = 1, b = 2 }
  value = each.value
}
resource "thing" "open" {
  for_each = data.other.x.names
  key = each.key
}
`,
		"prod/terraform.tfvars", `size = "small"`, "prod/b.auto.tfvars", `size = "medium"`, "prod/env/big.tfvars", "size = \"large\"\n# more\nnames = [\"y\", \"z\"]\n",
		"net/main.tf", `variable "size" {}
resource "thing" "inner" { size = var.size }
`, "net/main_override.tf", `resource "thing" "inner" { zone = "a" }`)
	r := evaluate(t, files, "prod")
	want := []string{`thing.module.net["x"].inner`, "module.far", "thing.two[0]", "thing.two[1]", `thing.each["a"]`, `thing.each["b"]`, "thing.open[*]"}
	if got := names(r); !slices.Equal(got, want) {
		t.Errorf("objects %v, want %v", got, want)
	}
	inner := object(t, r, `thing.module.net["x"].inner`)
	if got := said(inner.Root.Get("size")); got != "medium:2" || inner.Origin.Path != "net/main.tf" || inner.Root.Get("zone").Text() != "a" {
		t.Errorf("size %s in %s, zone %s", got, inner.Origin.Path, inner.Root.Get("zone"))
	}
	var sites []string
	for _, s := range inner.Root.Get("size").Sites() {
		sites = append(sites, fmt.Sprintf("%s:%d", s.Path, s.Line))
	}
	if want := []string{"net/main.tf:2", "prod/main.tf:5", "prod/b.auto.tfvars:1"}; !containsAll(sites, want) {
		t.Errorf("written by %v, want %v among them", sites, want)
	}
	if o := object(t, r, "thing.two[1]"); o.Root.Get("index").Text() != "1" {
		t.Errorf("index %s", o.Root.Get("index"))
	}
	big := evaluate(t, files, "prod", "prod/env/big.tfvars")
	if got := said(object(t, big, `thing.module.net["z"].inner`).Root.Get("size")); got != "large:2" {
		t.Errorf("with the variable file: %s", got)
	}
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// policies are one policy, written in three ways.
const policies = `resource "p" "encoded" {
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = "*"
      Resource = other.x.arn
    }]
  })
}
resource "p" "heredoc" {
  policy = <<-EOT
    {
      "Statement": [{
        "Effect": "Allow",
        "Action": "*",
        "Resource": "${other.x.arn}"
      }]
    }
  EOT
}
data "aws_iam_policy_document" "doc" {
  source_policy_documents = [jsonencode({ Statement = [{ Sid = "base", Effect = "Deny" }] })]
  statement {
    actions   = ["*"]
    resources = [other.x.arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:x"
      values   = ["y"]
    }
  }
}
resource "p" "document" {
  policy = data.aws_iam_policy_document.doc.json
}
`

// TestPolicies holds that a policy has one form however it is written, with the
// lines where its parts stand.
func TestPolicies(t *testing.T) {
	r := evaluate(t, tree("main.tf", policies), ".")
	for name, place := range map[string]struct{ index, line int }{"p.encoded": {0, 5}, "p.heredoc": {0, 15}, "p.document": {1, 24}} {
		s := object(t, r, name).Root.Get("policy", "Statement").Item(place.index)
		action := s.Get("Action")
		if action.IsList() {
			action = action.Item(0)
		}
		resource := s.Get("Resource")
		if resource.IsList() {
			resource = resource.Item(0)
		}
		if s.Get("Effect").Text() != "Allow" || action.Text() != "*" || action.Line() != place.line || !resource.Unknown() {
			t.Errorf("%s: %s %s on line %d, %s", name, s.Get("Effect"), action, action.Line(), resource)
		}
	}
	s := object(t, r, "p.document").Root.Get("policy", "Statement").Item(1)
	if s.Get("Principal", "AWS").Item(0).Text() != "*" || s.Get("Condition", "StringEquals", "aws:x").Item(0).Text() != "y" {
		t.Errorf("principal %s, condition %s", s.Get("Principal"), s.Get("Condition"))
	}
}

// TestHostile gives modules that would take all time or memory: each ends soon,
// with an answer or with an error that says why there is none.
func TestHostile(t *testing.T) {
	var doubling, branching strings.Builder
	for i := range 40 {
		fmt.Fprintf(&doubling, "locals { a%d = \"${local.a%d}${local.a%d}\" }\n", i+1, i, i)
		fmt.Fprintf(&branching, "locals { a%d = [local.a%d, local.a%d] }\n", i+1, i, i)
	}
	resource := func(value string) string { return "resource \"thing\" \"a\" {\n  x = " + value + "\n}\n" }
	for name, files := range map[string]fstest.MapFS{
		"range":          tree("main.tf", resource("range(1000000000)")),
		"product":        tree("main.tf", resource("setproduct(range(1000), range(1000), range(1000))")),
		"width":          tree("main.tf", resource(`format("%1000000000d", 1)`)),
		"text":           tree("main.tf", "locals { a0 = \"xxxxxxxxxx\" }\n"+doubling.String()+resource("local.a40")),
		"lists":          tree("main.tf", "locals { a0 = \"x\" }\n"+branching.String()+resource("local.a40")),
		"deep":           tree("main.tf", resource(strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000))),
		"unary":          tree("main.tf", resource(strings.Repeat("!", 100_000)+"true")),
		"loops":          tree("main.tf", resource("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : [for d in range(1000) : [for e in range(1000) : 1]]]]]")),
		"count":          tree("main.tf", "resource \"thing\" \"a\" { count = 1000000000 }"),
		"calls itself":   tree("main.tf", "module \"a\" { source = \"./.\" }"),
		"each other":     tree("main.tf", "module \"a\" { source = \"./b\" }", "b/main.tf", "module \"c\" { source = \"../\" }"),
		"number":         tree("main.tf", resource(`"${1e999999999}"`)),
		"number text":    tree("main.tf", resource(`"${tonumber("1e999999999") + 1}"`)),
		"powers":         tree("main.tf", resource(`"${pow(10, 1000000000)}"`)),
		"outside":        tree("main.tf", "module \"a\" { source = \"../../../etc\" }"),
		"template":       tree("main.tf", resource(`templatefile("t.tpl", {})`), "t.tpl", "${templatefile(\"t.tpl\", {})}"),
		"template loops": tree("main.tf", resource(`templatefile("t.tpl", { n = range(1024) })`), "t.tpl", "%{for a in n}%{for b in n}%{for c in n}%{for d in n}%{for e in n}x%{endfor}%{endfor}%{endfor}%{endfor}%{endfor}"),
		"broken":         tree("main.tf", "resource \"thing\" {{{", "good.tf", resource("1")),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			result, err := terraform.Evaluate(files, ".", nil)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			switch {
			case err != nil && result != nil:
				t.Error("a result beside an error")
			case name == "broken" && (err != nil || len(result.Skipped) != 1 || len(result.Objects) != 1):
				t.Errorf("a broken file hides another: %v %v", err, result)
			case slices.Contains([]string{"text", "count", "calls itself", "each other"}, name) && err == nil:
				t.Errorf("no error, but %v", names(result))
			case name == "outside" && len(result.Skipped) != 1:
				t.Errorf("skipped %v", result.Skipped)
			}
		})
	}
	if _, err := terraform.Evaluate(tree("readme.md", ""), ".", nil); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder without Terraform: %v", err)
	}
}

func TestDigestsAreNoNumbers(t *testing.T) {
	result := evaluate(t, tree("main.tf", `resource "thing" "a" {
  image = "app@sha256:7070894cc10d2b1e68e72057cca22040c5984cfae2ec3e079e34cf0a4da7fcea"
  id    = "8e23456"
}`), ".")
	if len(result.Skipped) > 0 || len(result.Objects) != 1 {
		t.Errorf("skipped %v, made %v", result.Skipped, names(result))
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add(`resource "a" "b" { x = [for k, v in { a = 1 } : "${k}${v}"] }`, `{"a": 1}`)
	f.Add(`data "aws_iam_policy_document" "d" { dynamic "statement" { for_each = var.x
 content { actions = [statement.value] } } }`, "x = 1")
	f.Add(`resource "kubernetes_pod" "p" { spec { container { env { name = "a" } } } }`, "%{ for a in b }")
	f.Add("locals { a = local.b.c[0]\n b = local.a }\nresource \"a\" \"b\" { x = local.a }", "")
	f.Fuzz(func(t *testing.T, module, other string) {
		hangs := time.AfterFunc(10*time.Second, func() { panic("it does not end") })
		defer hangs.Stop()
		files := tree("main.tf", module, "terraform.tfvars", other, "t.tpl", other, "x.tf.json", other)
		result, err := terraform.Evaluate(files, ".", nil)
		if err != nil {
			return
		}
		data, err := result.Objects.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back manifest.Objects
		if err := back.UnmarshalBinary(data); err != nil || len(back) != len(result.Objects) {
			t.Fatalf("%d objects travel as %d: %v", len(result.Objects), len(back), err)
		}
	})
}
