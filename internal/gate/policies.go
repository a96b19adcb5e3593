package gate

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/policy"
	"github.com/rendergate/rendergate/internal/report"
)

// maxPolicyFile bounds a file of policies.
const maxPolicyFile = 1 << 20

// policiesOf reads the policies that configuration names in a tree; nil where it
// names none.
func policiesOf(tree *git.Tree, f *config.File) (*policy.Set, error) {
	if f == nil || len(f.Policies) == 0 {
		return nil, nil
	}
	var files []policy.File
	for _, pattern := range f.Policies {
		pattern = strings.TrimPrefix(pattern, "./")
		some := false
		for _, name := range tree.Files() {
			if !doublestar.MatchUnvalidated(pattern, name) {
				continue
			}
			some = true
			if slices.ContainsFunc(files, func(other policy.File) bool { return other.Path == name }) {
				continue
			}
			data, err := fs.ReadFile(tree, name)
			if err == nil && len(data) > maxPolicyFile {
				err = fmt.Errorf("%s is longer than %d MiB", name, maxPolicyFile>>20)
			}
			if err != nil {
				return nil, err
			}
			files = append(files, policy.File{Path: name, Data: data})
		}
		if !some {
			return nil, fmt.Errorf("%s: policies: no file is %s", config.Name, pattern)
		}
	}
	return policy.Load(files)
}

// policed reads the policies of both sides: base's decide, head's are validated.
// What is broken at base is told, so that its repair can land.
func (s *settings) policed(change *git.Change, base, head *config.File) (err error) {
	if head != nil {
		at, err := policiesOf(change.Head, head)
		if err == nil {
			err = namesPolicies(head, at)
		}
		if err != nil {
			return &UsageError{err}
		}
		if len(change.Files) == 0 {
			s.policies = at
			return nil
		}
	}
	if s.policies, err = policiesOf(change.Base, base); err != nil {
		s.notes = append(s.notes, fmt.Sprintf("base's policies are invalid, so none is held against this change: %v", err))
		s.policies, err = nil, nil
	}
	return err
}

// namesPolicies refuses policies that configuration switches or weighs and that
// there are not.
func namesPolicies(f *config.File, set *policy.Set) error {
	all := []config.Checks{f.Checks}
	for _, e := range f.Environments {
		all = append(all, e.Checks)
	}
	known := set.Ids()
	for _, c := range all {
		names := slices.Concat(c.Enable.IDs, c.Disable, sorted(c.Severity))
		for _, id := range names {
			if strings.HasPrefix(id, policy.Prefix) && !slices.Contains(known, id) {
				return fmt.Errorf("%s: there is no policy %q; policies are %s", config.Name, id, strings.Join(known, ", "))
			}
		}
	}
	return nil
}

// catalog are all checks of a run: the built-in ones and base's policies.
func catalog(set *policy.Set) []*checks.Check {
	return slices.Concat(checks.All, set.Checks())
}

// known leaves policies out of a selection that base has no more.
func known(s checks.Selection, all []*checks.Check) checks.Selection {
	missing := func(id string) bool {
		return strings.HasPrefix(id, policy.Prefix) && len(checks.Named(all, id)) == 0
	}
	s.Enable = slices.DeleteFunc(slices.Clone(s.Enable), missing)
	s.Disable = slices.DeleteFunc(slices.Clone(s.Disable), missing)
	for id := range s.Severity {
		if missing(id) {
			delete(s.Severity, id)
		}
	}
	return s
}

// Policies are the policies of a revision, as checks.
func Policies(ctx context.Context, o Options) ([]*checks.Check, error) {
	o.Scan = true
	change, _, _, err := changeOf(ctx, o)
	if err != nil {
		return nil, err
	}
	s, err := readSettings(ctx, change, o)
	return s.policies.Checks(), err
}

func policyNotes(set *policy.Set) []report.Note {
	var all []report.Note
	for _, what := range set.Notes() {
		all = append(all, report.Note{What: what})
	}
	return all
}
