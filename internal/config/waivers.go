package config

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
)

// WaiversName is the waiver file's path in a tree unless configuration names
// another.
const WaiversName = ".rendergate-waivers.yaml"

// Waiver accepts a check's findings at some objects. What is empty matches
// everything.
type Waiver struct {
	Check       string `yaml:"check" jsonschema:"required,minLength=1" jsonschema_description:"The id of a check, or what another tool calls it."`
	Object      string `yaml:"object,omitempty" jsonschema_description:"Kind/namespace/name or Kind/name, each a glob."`
	Container   string `yaml:"container,omitempty" jsonschema_description:"The container's name, a glob."`
	Subject     string `yaml:"subject,omitempty" jsonschema_description:"What of the check's, a glob: all that a report prints behind the container, or its first word, such as the id of a vulnerability."`
	Target      string `yaml:"target,omitempty" jsonschema_description:"The target's id or folder, a glob with **."`
	Environment string `yaml:"environment,omitempty" jsonschema_description:"The match of an entry of environments in base's .rendergate.yaml."`
	Reason      string `yaml:"reason" jsonschema:"required,minLength=1" jsonschema_description:"Why the findings are accepted."`
	Owner       string `yaml:"owner,omitempty" jsonschema_description:"Who answers for it, such as @acme/security."`
	Expires     Date   `yaml:"expires,omitempty" jsonschema_description:"The last day on which it counts, in UTC, such as 2027-01-31."`

	Line, EndLine int `yaml:"-"` // in the file
}

// Date is a day as YYYY-MM-DD, or empty.
type Date string

// UnmarshalYAML reads a day of the calendar.
func (d *Date) UnmarshalYAML(value *yaml.Node) error {
	if _, err := time.Parse(time.DateOnly, value.Value); err != nil {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %q is no date such as 2027-01-31", value.Line, value.Value)}}
	}
	*d = Date(value.Value)
	return nil
}

// Past says that the day is over, in UTC; never of an empty one.
func (d Date) Past(now time.Time) bool { return d != "" && now.UTC().Format(time.DateOnly) > string(d) }

// What a waiver file may hold: the pull request writes it too.
const (
	maxWaiverFile = 1 << 20
	maxWaivers    = 5000
	maxPattern    = 256
	maxBraces     = 4
	maxCommas     = 16 // of braces: each further pair multiplies the ways to match
)

// ParseWaivers reads a waiver file. Its errors name path, line, what is wrong
// and what would be accepted. That a check exists is not asked: a waiver may
// outlive what it is about, and reports say so.
func ParseWaivers(path string, data []byte) ([]Waiver, error) {
	if len(data) > maxWaiverFile {
		return nil, fmt.Errorf("%s: a waiver file has at most %d bytes", path, maxWaiverFile)
	}
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&doc); err != nil {
		if len(bytes.TrimSpace(data)) == 0 || err.Error() == "EOF" {
			return nil, nil
		}
		return nil, inFile(path, err)
	}
	p := parser{path: path}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.SequenceNode {
		return nil, p.errorf(root, "a waiver file is a list; its entries begin with `- check: ID`")
	}
	if len(root.Content) > maxWaivers {
		return nil, p.errorf(root.Content[maxWaivers], "a waiver file has at most %d entries", maxWaivers)
	}
	if err := p.known(root, reflect.TypeFor[[]Waiver](), ""); err != nil {
		return nil, err
	}
	waivers := make([]Waiver, len(root.Content))
	for i, entry := range root.Content {
		if entry.Kind != yaml.MappingNode {
			return nil, p.errorf(entry, "a waiver is a mapping with check and reason")
		}
		if err := entry.Decode(&waivers[i]); err != nil {
			return nil, inFile(path, err)
		}
		waivers[i].Line, waivers[i].EndLine = entry.Line, lastLineOf(entry)
		if err := p.validWaiver(entry, waivers[i]); err != nil {
			return nil, err
		}
	}
	return waivers, nil
}

func lastLineOf(n *yaml.Node) int {
	last := n.Line
	for _, child := range n.Content {
		last = max(last, lastLineOf(child))
	}
	return last
}

func (p parser) validWaiver(entry *yaml.Node, w Waiver) error {
	switch {
	case strings.TrimSpace(w.Check) == "":
		return p.errorf(at(entry, "check"), "the waiver names no check")
	case strings.TrimSpace(w.Reason) == "":
		return p.errorf(at(entry, "reason"), "the waiver of %s gives no reason", w.Check)
	}
	if parts := strings.Count(w.Object, "/"); w.Object != "" && parts != 1 && parts != 2 {
		return p.errorf(at(entry, "object"), "object is Kind/namespace/name or Kind/name, not %q; of what has no namespace it is Kind//name", w.Object)
	}
	for _, field := range []struct{ key, pattern string }{{"object", w.Object}, {"container", w.Container}, {"subject", w.Subject}, {"target", w.Target}, {"environment", w.Environment}} {
		switch {
		case !doublestar.ValidatePattern(field.pattern):
			return p.errorf(at(entry, field.key), "%q is no glob", field.pattern)
		case len(field.pattern) > maxPattern || strings.Count(field.pattern, "{") > maxBraces || strings.Count(field.pattern, "*") > 4*maxBraces ||
			strings.Contains(field.pattern, "{") && strings.Count(field.pattern, ",") > maxCommas:
			return p.errorf(at(entry, field.key), "the glob is too long: it has at most %d characters, %d braces with %d commas and %d stars", maxPattern, maxBraces, maxCommas, 4*maxBraces)
		}
	}
	return nil
}

// approver is a login, or a team of an organisation.
var approver = regexp.MustCompile(`^@?[A-Za-z0-9][A-Za-z0-9-]*(\[bot\])?$|^@[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)

func (p parser) validApprovers(root *yaml.Node, f *File) error {
	section := at(root, "waivers")
	for i, name := range f.Waivers.Approvers {
		if !approver.MatchString(name) {
			return p.errorf(item(at(section, "approvers"), i), "%q is no approver: use a login such as @octocat, or a team such as @acme/security", name)
		}
	}
	if f.Waivers.Trust == "approved" && len(f.Waivers.Approvers) == 0 {
		return p.errorf(at(section, "trust"), "waivers.trust is approved, so waivers.approvers names who may approve")
	}
	if name := f.Waivers.File; name != "" && !local(name) {
		return p.errorf(at(section, "file"), "file %q is no file of the repository", name)
	}
	return nil
}

// WaiversFile is the path of the waiver file.
func (f *File) WaiversFile() string {
	if f.Waivers.File == "" {
		return WaiversName
	}
	return f.Waivers.File
}

// TrustsFile says that the waiver file of head counts as it is.
func (f *File) TrustsFile() bool { return f.Waivers.Trust == "file" }

// TrustsApproved says that all waivers of head count once it was approved.
func (f *File) TrustsApproved() bool { return f.Waivers.Trust == "approved" }
