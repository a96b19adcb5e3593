package infra

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// Idle is an identity or a policy that nothing seems to use.
type Idle struct {
	Declared
	Proved bool // false where a name that nobody knows could be the use
}

// Unused are the identities and policies of some objects that nothing uses: no
// text of the module or template that declares them refers to them, other than
// to give them permissions, and none of all the objects has their name in it.
// What only somebody outside could use is not among them, and neither is what
// stands in text that was not read whole.
func Unused(objects, all []*manifest.Object) []Idle {
	said := wordsOf(all)
	var unused []Idle
	for _, o := range objects {
		iam := IAMOf(o)
		for _, d := range iam.Declared {
			if (o.Mentions.Known || isManifest(o)) && !mentioned(o) && !said.name(o, d) && !fromOutside(d, iam) {
				unused = append(unused, Idle{d, !said.unknown && !nameless(o)})
			}
		}
	}
	return unused
}

// holderFields are where something that gives permissions names who gets them,
// by its kind: that alone is no use.
var holderFields = map[string][]string{
	"aws_iam_role_policy":                        {"role"},
	"aws_iam_user_policy":                        {"user"},
	"aws_iam_group_policy":                       {"group"},
	"aws_iam_role_policy_attachment":             {"role"},
	"aws_iam_user_policy_attachment":             {"user"},
	"aws_iam_group_policy_attachment":            {"group"},
	"aws_iam_policy_attachment":                  {"roles", "users", "groups"},
	"aws_iam_role_policies_exclusive":            {"role_name"},
	"aws_iam_user_policies_exclusive":            {"user_name"},
	"aws_iam_group_policies_exclusive":           {"group_name"},
	"aws_iam_role_policy_attachments_exclusive":  {"role_name"},
	"aws_iam_user_policy_attachments_exclusive":  {"user_name"},
	"aws_iam_group_policy_attachments_exclusive": {"group_name"},
	"azurerm_role_assignment":                    {"principal_id"},
	"azurerm_pim_active_role_assignment":         {"principal_id"},
	"AWS::IAM::Policy":                           {"Roles", "Users", "Groups"},
	"AWS::IAM::ManagedPolicy":                    {"Roles", "Users", "Groups"},
	"AWS::IAM::RolePolicy":                       {"RoleName"},
	"AWS::IAM::UserPolicy":                       {"UserName"},
	"AWS::IAM::GroupPolicy":                      {"GroupName"},
}

// onlyGives says of a field that it names who gets permissions.
func onlyGives(kind, field string) bool {
	fields := holderFields[kind]
	if strings.HasPrefix(kind, "google_") && (strings.HasSuffix(kind, "_iam_member") || strings.HasSuffix(kind, "_iam_binding")) {
		fields = []string{"member", "members"}
	}
	return slices.Contains(fields, field)
}

// mentioned says that something that uses an object names it where it is
// declared. What depends on it to give it permissions only waits for it.
func mentioned(o *manifest.Object) bool {
	return slices.ContainsFunc(o.Mentions.By, func(by manifest.Reference) bool {
		waits := by.Field == "depends_on" || by.Field == "DependsOn"
		return !onlyGives(by.Kind, by.Field) && !(waits && holderFields[by.Kind] != nil)
	})
}

// fixedNames are of roles that a service of AWS uses by that name.
// Source: the AWS documentation, Database Migration Service and VM Import/Export.
var fixedNames = []string{"dms-vpc-role", "dms-cloudwatch-logs-role", "dms-access-for-endpoint", "vmimport"}

// fromOutside says that what nobody here uses may be used by others: a role that
// not only services may assume, or that a service knows by its name.
func fromOutside(d Declared, iam IAM) bool {
	if d.Kind != ARole {
		return false
	}
	return len(iam.Trusts) == 0 || d.Means(fixedNames) || slices.ContainsFunc(iam.Trusts, func(trust IAMPolicy) bool {
		return len(trust.Statements) == 0 || slices.ContainsFunc(trust.Statements, func(s Statement) bool {
			people := s.Principals()
			return len(people) == 0 || slices.ContainsFunc(people, func(p Principal) bool { return p.Type != "Service" })
		})
	})
}

// wording is the texts of some objects, cut into the parts of ARNs and members.
type wording struct {
	in      map[string]where
	unknown bool // any name could stand where identities are named
}

// where is an object that holds a word, and whether others do.
type where struct {
	first *manifest.Object
	more  bool
}

func wordsOf(all []*manifest.Object) *wording {
	w := &wording{in: map[string]where{}}
	for _, o := range all {
		w.add(o, "", o.Root.YAML(), 0)
	}
	return w
}

// isManifest says that an object stands in the tree as a manifest of Kubernetes.
func isManifest(o *manifest.Object) bool {
	return o.Address.Name == "" && o.Root.Get("apiVersion").Exists()
}

// nameWays are where an object has the name of what it declares.
var nameWays = [][]string{
	{"name"}, {"account_id"}, {"spec", "name"}, {"Properties", "RoleName"}, {"Properties", "ManagedPolicyName"},
	{"Properties", "InstanceProfileName"}, {"Properties", "UserName"}, {"Properties", "GroupName"},
}

// nameless says that nobody knows anything of the name of what an object declares.
func nameless(o *manifest.Object) bool {
	return slices.ContainsFunc(nameWays, func(way []string) bool { return unsaid(o.Root.Get(way...).YAML()) })
}

// unsaid says that any name could stand at a place: nobody knows its value, nor
// what it refers to.
func unsaid(y *yaml.Node) bool {
	if !manifest.IsUnknown(y) {
		return false
	}
	part, _ := manifest.PartOf(y)
	return part == "" && y.Value == ""
}

// naming are parts of the fields of infrastructure that name identities.
var naming = regexp.MustCompile(`(?i)role|profile|principal|arn|service_?account|identity`)

// ownName says of a field of an object that it only tells what the object itself
// is called.
func ownName(o *manifest.Object, field string, depth int) bool {
	switch field {
	case "tags", "Tags", "labels":
		return true
	case "name":
		return depth == 1 && o.Root.Get("apiVersion").Exists() || depth == 0 && o.Mentions.Known
	case "PolicyName", "ManagedPolicyName", "InstanceProfileName":
		return depth == 1
	}
	return false
}

// add adds the texts of an object, other than what it is called itself and who
// gets permissions from it.
func (w *wording) add(o *manifest.Object, field string, y *yaml.Node, depth int) {
	const deepest = 100
	switch {
	case y == nil || depth > deepest:
	case unsaid(y):
		w.unknown = w.unknown || naming.MatchString(field) || o.Root.Get("apiVersion").Exists()
	case manifest.IsUnknown(y):
		part, _ := manifest.PartOf(y)
		w.say(o, part)
	case y.Kind == yaml.ScalarNode:
		w.say(o, y.Value)
	case y.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(y.Content); i += 2 {
			key := y.Content[i].Value
			if gives := depth < 2 && onlyGives(o.Kind, key); !gives && !ownName(o, key, depth) {
				w.add(o, key, y.Content[i+1], depth+1)
			}
		}
	default:
		for _, item := range y.Content {
			w.add(o, field, item, depth+1)
		}
	}
}

func (w *wording) say(o *manifest.Object, text string) {
	for _, word := range split(text) {
		at, known := w.in[word]
		if !known {
			at.first = o
		}
		at.more = at.more || at.first != o
		w.in[word] = at
	}
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(":/@, \"\n", r) })
}

// name says that another object has one of the names of what an object declares
// in a text.
func (w *wording) name(o *manifest.Object, d Declared) bool {
	return slices.ContainsFunc(d.Names, func(name string) bool {
		parts := split(name)
		return len(parts) > 0 && !slices.ContainsFunc(parts, func(part string) bool {
			at, known := w.in[part]
			return !known || at.first == o && !at.more
		})
	})
}
