package terraform_test

import (
	"strings"
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

// TestCountedReferences follows references to one of several instances.
func TestCountedReferences(t *testing.T) {
	files := tree("main.tf", `resource "thing" "many" {
  count = 2
  name  = "n${count.index}"
}
resource "thing" "each" {
  for_each = toset(["a", "b"])
  name     = each.key
}
resource "thing" "loop" {
  for_each = toset([thing.loop["a"].name])
  name     = "x"
}
module "net" {
  count  = 1
  source = "./net"
}
data "aws_iam_policy_document" "doc" {
  count = 1
  statement { actions = ["s3:Get${count.index}"] }
}
resource "thing" "user" {
  second = thing.many[1].name
  text   = "name ${thing.many[0].name}-${thing.each["b"].name}"
  third  = thing.many[2].name
  all    = thing.many[*].name
  tried  = try(thing.many[0].arn, "none")
  within = module.net[0].name
  asked  = "${module.net[0].name}!"
  policy = data.aws_iam_policy_document.doc[0].json
}
`, "net/main.tf", `output "name" { value = "net" }`)
	result := evaluate(t, files, ".")
	user := object(t, result, "thing.user")
	for field, want := range map[string]string{
		"second": "n1:3", "text": "name n0-b:23", "third": "unknown", "all": "unknown", "tried": "unknown", "within": "net:27", "asked": "net!:28",
	} {
		if got := said(user.Root.Get(field)); got != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
	}
	if got := user.Root.Get("policy", "Statement").Item(0).Get("Action").Item(0).Text(); got != "s3:Get0" {
		t.Errorf("the policy allows %q", got)
	}
}

// TestReferents: of what nobody knows it is told what it refers to.
func TestReferents(t *testing.T) {
	files := tree("main.tf", `resource "cloud" "main" {}
resource "cloud" "some" { count = var.n }
variable "n" {}
locals { id = cloud.main.id }
data "account" "own" {}
module "a" {
  source  = "./a"
  cluster = try(cloud.some[0].id, "")
}
resource "thing" "user" {
  a = cloud.main.id
  b = local.id
  c = "${cloud.some[0].id}"
  d = cloud.some[*].id
  e = one(cloud.some[*].id)
  f = data.account.own.id
  g = module.a.id
  h = [cloud.main.id]
  i = "${cloud.main.id}/x"
  j = var.n
}
`, "a/main.tf", `variable "cluster" {}
resource "cloud" "inner" {}
output "id" { value = cloud.inner.id }
resource "thing" "user" { a = var.cluster }
`)
	result := evaluate(t, files, ".")
	user := object(t, result, "thing.user").Root
	cases := map[string]manifest.Reference{
		"a": {Kind: "cloud", Name: "main", Field: "id"}, "b": {Kind: "cloud", Name: "main", Field: "id"}, "c": {Kind: "cloud", Name: "some[0]", Field: "id"},
		"d": {Kind: "cloud", Name: "some", Field: "id"}, "e": {Kind: "cloud", Name: "some", Field: "id"}, "f": {Kind: "data.account", Name: "own", Field: "id"},
		"g": {Kind: "cloud", Name: "module.a.inner", Field: "id"}, "i": {}, "j": {},
	}
	for field, want := range cases {
		if got, _ := user.Get(field).Refers(); got != want || !user.Get(field).Unknown() {
			t.Errorf("%s refers to %v, want %v", field, got, want)
		}
	}
	if got, _ := user.Get("h").Item(0).Refers(); got.Name != "main" {
		t.Errorf("the item refers to %v", got)
	}
	if got, _ := object(t, result, "thing.module.a.user").Root.Get("a").Refers(); got != (manifest.Reference{Kind: "cloud", Name: "some[0]", Field: "id"}) {
		t.Errorf("the input refers to %v", got)
	}
}

// TestStartUpTexts: what machines do when they start is known in parts.
func TestStartUpTexts(t *testing.T) {
	files := tree("main.tf", `variable "token" {}
data "template_file" "init" {
  template = file("init.sh")
  vars     = { who = var.token, what = "tool" }
}
resource "machine" "a" {
  name = <<-EOT
    text ${var.token}
  EOT
  user_data = base64encode(<<-EOT
    #!/bin/sh
    join ${var.token}
    yum install -y tool
  EOT
  )
}
resource "machine" "b" {
  user_data = templatefile("init.sh", { who = var.token, what = "tool" })
}
resource "machine" "c" {
  user_data = data.template_file.init.rendered
}
`, "init.sh", "#!/bin/sh\njoin ${who}\nyum install -y ${what}\n")
	result := evaluate(t, files, ".")
	a := object(t, result, "machine.a").Root
	if !a.Get("name").Unknown() {
		t.Error("any other text with an unknown part is known")
	}
	data := a.Get("user_data")
	if got, want := data.Text(), "#!/bin/sh\njoin ${unknown}\nyum install -y tool\n"; got != want {
		t.Errorf("user data is %q, want %q", got, want)
	}
	if got := data.OnLine(3).Line(); got != 13 {
		t.Errorf("the third line of user data is line %d of the file, want 13", got)
	}
	for _, name := range []string{"machine.b", "machine.c"} {
		if got := object(t, result, name).Root.Get("user_data").Text(); !strings.Contains(got, "join ${unknown}\nyum install -y tool") {
			t.Errorf("user data of %s is %q", name, got)
		}
	}
}
