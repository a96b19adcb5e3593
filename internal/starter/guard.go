package starter

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"
)

// ownersFiles are where GitHub looks, in its order.
var ownersFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// owner is a person, a team or an address, as GitHub takes it.
var owner = regexp.MustCompile(`^(@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?|[^@\s]+@[^@\s]+\.[^@\s]+)$`)

// ErrOwner is about what nobody is called.
var ErrOwner = errors.New("is no owner: name @person, @organisation/team or an address")

// guard has those who own the gate asked before it changes.
func (r Repository) guard() (*Proposal, string, error) {
	for _, name := range r.Owners {
		if !owner.MatchString(name) {
			return nil, "", fmt.Errorf("%q %w", name, ErrOwner)
		}
	}
	file, before := ownersFiles[0], []byte(nil)
	for _, name := range ownersFiles {
		data, err := r.read(name)
		if err != nil {
			return nil, "", err
		}
		if data != nil {
			file, before = name, data
			break
		}
	}
	open := r.unguarded(file, before)
	if len(open) == 0 {
		return nil, file + " guards what decides", nil
	}
	owners := r.Owners
	if len(owners) == 0 {
		owners = ownersOfAll(before)
	}
	if len(owners) == 0 {
		return nil, "nobody is known to own the gate: name them with --owner @organisation/team for lines in " + file, nil
	}
	lines := "# What decides whether rendergate lets a pull request pass.\n"
	for _, name := range open {
		lines += "/" + name + " " + strings.Join(owners, " ") + "\n"
	}
	if before == nil {
		return &Proposal{Path: file, Text: lines}, "", nil
	}
	if len(before) > 0 {
		lines = "\n" + lines
	}
	if len(before) > 0 && !bytes.HasSuffix(before, []byte("\n")) {
		lines = "\n" + lines
	}
	return &Proposal{Path: file, Before: before, At: len(before), Added: lines}, "", nil
}

// unguarded are the files for which no rule of their own counts: the last one that
// matches does.
func (r Repository) unguarded(file string, rules []byte) []string {
	all := ruleset(rules)
	open := []string{configFile, ".rendergate-waivers.yaml", workflowFile, file}
	return slices.DeleteFunc(open, func(name string) bool {
		rule, err := all.Match(name)
		return err == nil && rule != nil && len(rule.Owners) > 0 && strings.TrimPrefix(rule.RawPattern(), "/") == name
	})
}

// ruleset are the rules of a file without the lines that are none, which GitHub
// skips as well.
func ruleset(text []byte) (all codeowners.Ruleset) {
	for line := range bytes.Lines(text) {
		if rules, err := codeowners.ParseFile(bytes.NewReader(line)); err == nil {
			all = append(all, rules...)
		}
	}
	return all
}

// ownersOfAll are those of the last rule for everything, which GitHub takes for
// whatever no later rule names.
func ownersOfAll(rules []byte) (owners []string) {
	for _, rule := range ruleset(rules) {
		if rule.RawPattern() != "*" {
			continue
		}
		owners = nil
		for _, o := range rule.Owners {
			owners = append(owners, o.String())
		}
	}
	return owners
}

func isAbsent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
