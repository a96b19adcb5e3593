package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
)

// Parse reads a configuration file. Its errors name path, line, what is wrong
// and what would be accepted; checks are known by the given ids.
func Parse(path string, data []byte, ids []string) (*File, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, inFile(path, err)
	}
	if len(doc.Content) == 0 {
		return nil, fmt.Errorf("%s:1: the file is empty; its first key is `version: 1`", path)
	}
	p := parser{path: path, ids: ids}
	root := doc.Content[0]
	if err := p.known(root, reflect.TypeFor[File](), ""); err != nil {
		return nil, err
	}
	file := &File{}
	if err := root.Decode(file); err != nil {
		return nil, inFile(path, err)
	}
	return file, p.valid(root, file)
}

// inFile turns a YAML library's error into one with the file's name.
func inFile(path string, err error) error {
	var wrong *yaml.TypeError
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if errors.As(err, &wrong) && len(wrong.Errors) > 0 {
		text = wrong.Errors[0]
	}
	if rest, found := strings.CutPrefix(text, "line "); found {
		return fmt.Errorf("%s:%s", path, rest)
	}
	return fmt.Errorf("%s: %s", path, text)
}

type parser struct {
	path string
	ids  []string
}

func (p parser) errorf(at *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.path, at.Line, fmt.Sprintf(format, args...))
}

// known refuses keys that the type has not, and keys given twice.
func (p parser) known(at *yaml.Node, t reflect.Type, where string) error {
	for at.Kind == yaml.AliasNode {
		return p.errorf(at, "aliases are not supported here")
	}
	switch {
	case at.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for _, item := range at.Content {
			if err := p.known(item, t.Elem(), where); err != nil {
				return err
			}
		}
	case at.Kind == yaml.MappingNode && t == reflect.TypeFor[Network]():
		return p.keys(at, where, map[string]reflect.Type{"allow": reflect.TypeFor[[]string]()})
	case at.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		return p.keys(at, where, fields(t))
	}
	return nil
}

func fields(t reflect.Type) map[string]reflect.Type {
	valid := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" {
			valid[name] = t.Field(i).Type
		}
	}
	return valid
}

func (p parser) keys(at *yaml.Node, where string, valid map[string]reflect.Type) error {
	names := make([]string, 0, len(valid))
	for name := range valid {
		names = append(names, name)
	}
	for i := 0; i+1 < len(at.Content); i += 2 {
		key, value := at.Content[i], at.Content[i+1]
		t, found := valid[key.Value]
		if !found {
			return p.errorf(key, "unknown key %q%s; did you mean %q?", key.Value, where, Nearest(key.Value, names))
		}
		if err := p.known(value, t, " in "+key.Value); err != nil {
			return err
		}
	}
	return nil
}

// Nearest is the name most like text; the first in the alphabet among equals.
func Nearest(text string, names []string) string {
	best, distance := "", 0
	for _, name := range slices.Sorted(slices.Values(names)) {
		if d := levenshtein.ComputeDistance(text, name); best == "" || d < distance {
			best, distance = name, d
		}
	}
	return best
}

var severities = []string{"critical", "high", "medium", "low", "none"}

// valid refuses values that mean nothing.
func (p parser) valid(root *yaml.Node, f *File) error {
	if f.Version != 1 {
		return p.errorf(at(root, "version"), "version is %d; this rendergate knows version 1", f.Version)
	}
	for _, choice := range []struct {
		key, value string
		valid      []string
	}{
		{"fail-on", f.FailOn, severities},
		{"dependencies.fail-on", f.Dependencies.FailOn, severities},
		{"on-undecided", f.OnUndecided, []string{"fail", "warn"}},
		{"new-targets", f.NewTargets, []string{"report", "block"}},
		{"images.scanner", f.Images.Scanner, []string{"trivy", "grype", "osv-scanner"}},
		{"images.fail-on", f.Images.FailOn, severities},
		{"images.least", f.Images.Least, severities[:4]},
		{"waivers.trust", f.Waivers.Trust, []string{"base", "file", "approved"}},
	} {
		if choice.value != "" && !slices.Contains(choice.valid, choice.value) {
			return p.errorf(at(root, strings.Split(choice.key, ".")...), "%s is one of %s, not %q",
				choice.key, strings.Join(choice.valid, ", "), choice.value)
		}
	}
	if f.Dependencies.Keyring != "" && !local(f.Dependencies.Keyring) {
		return p.errorf(at(root, "dependencies", "keyring"), "keyring %q is no file of the repository", f.Dependencies.Keyring)
	}
	if f.Extends != "" {
		if _, err := ParseExtends(f.Extends); err != nil {
			return p.errorf(at(root, "extends"), "%v", err)
		}
	}
	return errors.Join(p.validChecks(at(root, "checks"), f.Checks), p.validEnvironments(root, f), p.validTargets(root, f), p.validGlobs(root, f), p.validNetwork(root, f), p.validWorkloads(root, f), p.validApprovers(root, f))
}

func (p parser) validEnvironments(root *yaml.Node, f *File) error {
	for i, e := range f.Environments {
		place := item(at(root, "environments"), i)
		switch {
		case e.Match == "":
			return p.errorf(place, "an environment names its targets, such as match: overlays/prod/**")
		case !doublestar.ValidatePattern(e.Match):
			return p.errorf(at(place, "match"), "%q is no glob", e.Match)
		case e.FailOn != "" && !slices.Contains(severities, e.FailOn):
			return p.errorf(at(place, "fail-on"), "fail-on is one of %s, not %q", strings.Join(severities, ", "), e.FailOn)
		}
		if err := p.validChecks(at(place, "checks"), e.Checks); err != nil {
			return err
		}
	}
	return nil
}

func (p parser) validChecks(section *yaml.Node, c Checks) error {
	for _, group := range []struct {
		key string
		ids []string
	}{{"enable", c.Enable.IDs}, {"disable", c.Disable}} {
		for i, id := range group.ids {
			if !p.isCheck(id) {
				return p.errorf(item(at(section, group.key), i), "there is no check %q; did you mean %q?", id, Nearest(id, p.ids))
			}
		}
	}
	for id, severity := range c.Severity {
		place := at(section, "severity", id)
		if !p.isCheck(id) {
			return p.errorf(place, "there is no check %q; did you mean %q?", id, Nearest(id, p.ids))
		}
		if !slices.Contains([]string{"critical", "high", "medium", "low"}, severity) {
			return p.errorf(place, "%q is no severity of a check: use critical, high, medium or low", severity)
		}
	}
	return nil
}

// isCheck says that an id is one; those of policies are known once their files
// are read.
func (p parser) isCheck(id string) bool {
	return slices.Contains(p.ids, id) || strings.HasPrefix(id, "policy/")
}

func (p parser) validTargets(root *yaml.Node, f *File) error {
	for i, t := range f.Targets {
		place := item(at(root, "targets"), i)
		if !local(t.Path) {
			return p.errorf(place, "path %q is no folder of the repository", t.Path)
		}
	}
	return nil
}

// kindText and wayText are how workloads are described.
var (
	kindText = regexp.MustCompile(`^([a-z0-9.-]+/)?[A-Z][A-Za-z0-9]*$`)
	// variableText is a name, or the beginning of several.
	variableText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*\*?$`)

	wayText = regexp.MustCompile(`^[\w-]+(\[[\w-]+\]|\{\})?(\.[\w-]+(\[[\w-]+\]|\{\})?)*$`)
)

func (p parser) validWorkloads(root *yaml.Node, f *File) error {
	for i, w := range f.Workloads {
		place := item(at(root, "workloads"), i)
		if !kindText.MatchString(w.Kind) {
			return p.errorf(place, "kind %q is no group/Kind such as example.com/Worker", w.Kind)
		}
		if !wayText.MatchString(w.Pod) {
			return p.errorf(place, "pod %q is no way to a pod such as spec.template or spec.groups[name].template", w.Pod)
		}
	}
	return nil
}

func (p parser) validGlobs(root *yaml.Node, f *File) error {
	for i, pattern := range f.Policies {
		if !doublestar.ValidatePattern(pattern) || !local(pattern) {
			return p.errorf(item(at(root, "policies"), i), "%q is no glob of files of the repository", pattern)
		}
	}
	for i, pattern := range f.Images.Reports {
		if !doublestar.ValidatePattern(pattern) || !local(pattern) {
			return p.errorf(item(at(root, "images", "reports"), i), "%q is no glob of files of the work tree", pattern)
		}
	}
	for i, pattern := range f.Images.Ignore {
		if !doublestar.ValidatePattern(pattern) {
			return p.errorf(item(at(root, "images", "ignore"), i), "%q is no glob", pattern)
		}
	}
	for i, prefix := range f.Images.Registries {
		if strings.Contains(prefix, "://") || strings.Contains(prefix, "@") || !strings.Contains(prefix, ".") && !strings.Contains(prefix, ":") {
			return p.errorf(item(at(root, "images", "registries"), i), "%q is no registry: write its host, and a path where only a part of it is meant, such as ghcr.io/acme", prefix)
		}
	}
	for i, name := range f.Images.Environment {
		if !variableText.MatchString(name) {
			return p.errorf(item(at(root, "images", "environment"), i), "%q is no name of an environment variable such as AWS_PROFILE or AWS_*", name)
		}
	}
	for i, pattern := range f.Exclude {
		if !doublestar.ValidatePattern(pattern) {
			return p.errorf(item(at(root, "exclude"), i), "%q is no glob", pattern)
		}
	}
	for i, group := range f.Together {
		for j, pattern := range group {
			if !doublestar.ValidatePattern(pattern) {
				return p.errorf(item(item(at(root, "deployed-together"), i), j), "%q is no glob", pattern)
			}
		}
	}
	return nil
}

// validNetwork refuses what nobody would be asked at: a location is https or a
// registry, and plain http only on this very machine.
func (p parser) validNetwork(root *yaml.Node, f *File) error {
	for i, text := range f.Network.Allow {
		u, err := url.Parse(text)
		valid := err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
		if valid {
			switch ip := net.ParseIP(u.Hostname()); u.Scheme {
			case "https", "oci":
			case "http":
				valid = u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
			default:
				valid = false
			}
		}
		if !valid {
			return p.errorf(item(at(root, "network", "allow"), i), "%q is no location to fetch from: use a URL such as https://charts.example.com/stable/ or oci://ghcr.io/acme/, without a login in it", text)
		}
	}
	return nil
}

// at follows keys from a mapping to a value; what is not there gives the
// nearest node that is.
func at(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		found := false
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				n, found = n.Content[i+1], true
				break
			}
		}
		if !found {
			return n
		}
	}
	return n
}

// item is a list's item, or the list itself where it is written otherwise.
func item(n *yaml.Node, i int) *yaml.Node {
	if n.Kind == yaml.SequenceNode && i < len(n.Content) {
		return n.Content[i]
	}
	return n
}
