package terraform_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// TestMentions: whatever form a reference has, and wherever it stands, the
// resource is named there; what becomes of an address does not use it.
func TestMentions(t *testing.T) {
	uses := map[string]string{
		`resource "thing" "u" { a = role.r.arn }`:                                                       "thing u a",
		`resource "thing" "u" { a = concat(role.r[*].arn, [])[0] }`:                                     "thing u a",
		`resource "thing" "u" { a = "x-${role.r.name}-y" }`:                                             "thing u a",
		`resource "thing" "u" { a = [for k, v in { b = role.r } : v.arn] }`:                             "thing u a",
		"resource \"thing\" \"u\" {\n depends_on = [role.r]\n}":                                         "thing u depends_on",
		"resource \"thing\" \"u\" {\n inner {\n  deep {\n   a = role.r.arn\n  }\n }\n}":                 "thing u inner",
		"resource \"thing\" \"u\" {\n dynamic \"part\" {\n  for_each = role.r\n  content {\n  }\n }\n}": "thing u part",
		"resource \"thing\" \"u\" {\n provisioner \"local-exec\" {\n  command = role.r.arn\n }\n}":      "thing u provisioner",
		`data "thing" "u" { a = role.r.arn }`:                                                           "data.thing u a",
		`output "u" { value = { a = role.r } }`:                                                         "output u value",
		`locals { u = role.r.arn }`:                                                                     "locals  u",
		"module \"u\" {\n source = \"example/mod/x\"\n a = role.r.arn\n}":                               "module u a",
		"provider \"aws\" {\n assume_role {\n  role_arn = role.r.arn\n }\n}":                            "provider aws assume_role",
		"check \"c\" {\n assert {\n  condition = role.r.arn != \"\"\n  error_message = \"none\"\n }\n}": "check c assert",
		`output "u" { value = "arn:aws:iam::1:role/path/named" }`:                                       "output u value",
		"variable \"id\" {}\noutput \"u\" { value = \"arn:aws:iam::${var.id}:role/named\" }":            "output u value",
		"moved {\n from = role.old\n to = role.r\n}":                                                    "",
		"import {\n to = role.r\n id = \"r\"\n}":                                                        "",
		`resource "thing" "u" { a = role.other.arn }`:                                                   "",
		`output "u" { value = "named-otherwise" }`:                                                      "",
		`resource "thing" "u" { a = data.role.r.arn }`:                                                  "",
	}
	for text, want := range uses {
		result := evaluate(t, tree("main.tf", `resource "role" "r" {
  name = "named"
  tags = { own = role.r.name }
}
`+text+"\n"), ".")
		got := object(t, result, "role.r").Mentions
		var by []string
		for _, m := range got.By {
			by = append(by, fmt.Sprintf("%s %s %s", m.Kind, m.Name, m.Field))
		}
		if want == "" && len(by) > 0 || want != "" && !slices.Equal(by, []string{want}) || !got.Known {
			t.Errorf("known %v, named by %q, want %q: %s", got.Known, by, want, text)
		}
	}
}

// TestMentionsOfJSON: JSON names resources in templates, and in the addresses that
// depends_on lists as text; blocks that deploy nothing name them as well.
func TestMentionsOfJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"provider": {"aws": {"role": "${role.r.arn}"}}}`:                   "provider  provider",
		`{"resource": {"thing": {"u": {"a": "${role.r.arn}"}}}}`:             "thing u a",
		`{"resource": {"thing": {"u": {"part": [{"a": "${role.r.arn}"}]}}}}`: "thing u part",
		`{"resource": {"thing": {"u": {"depends_on": ["role.r"]}}}}`:         "thing u depends_on",
		`{"moved": {"from": "role.old", "to": "role.r"}}`:                    "",
		`{"terraform": {"required_version": ">= 1.0"}}`:                      "",
	} {
		result := evaluate(t, tree("main.tf", "resource \"role\" \"r\" {}\n", "more.tf.json", text), ".")
		got := object(t, result, "role.r").Mentions
		var by []string
		for _, m := range got.By {
			by = append(by, fmt.Sprintf("%s %s %s", m.Kind, m.Name, m.Field))
		}
		if want == "" && len(by) > 0 || want != "" && !slices.Equal(by, []string{want}) || !got.Known {
			t.Errorf("known %v, named by %q, want %q: %s", got.Known, by, want, text)
		}
	}
}

// TestMentionsUnread: what stands in text that nobody read may be a mention.
func TestMentionsUnread(t *testing.T) {
	role := "resource \"role\" \"r\" {}\n"
	for name, text := range map[string]string{"broken.tf": "resource {", "broken.tf.json": "{"} {
		result, err := terraform.Evaluate(tree("main.tf", role, name, text), ".", nil)
		if err != nil {
			t.Fatal(err)
		}
		if o := object(t, result, "role.r"); o.Mentions.Known {
			t.Errorf("with %s all mentions are known", name)
		}
	}
	result := evaluate(t, tree("main.tf", "module \"a\" {\n source = \"./m\"\n}\nmodule \"b\" {\n source = \"./m\"\n}\n", "m/main.tf", role+"output \"o\" { value = role.r.arn }\n"), ".")
	for _, name := range []string{"role.module.a.r", "role.module.b.r"} {
		want := manifest.Mentions{Known: true, By: []manifest.Reference{{Kind: "output", Name: "o", Field: "value"}}}
		if got := object(t, result, name).Mentions; got.Known != want.Known || !slices.Equal(got.By, want.By) {
			t.Errorf("%s is named by %v, want %v", name, got, want)
		}
	}
}
