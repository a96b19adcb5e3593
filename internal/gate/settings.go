package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/policy"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// settings are what a run decides by, and the targets that configuration
// describes.
type settings struct {
	decides      *config.File // base's file
	entries      []described
	rules        []checks.Rule
	failOn       checks.Severity // of the top level
	environments *environments
	policies     *policy.Set
	notes        []string
	undecided    []report.Undecided
}

// readSettings reads both sides' configuration: base's decides, head's adds
// descriptions and is always validated. A broken file at base counts as none,
// so that its repair can land.
func readSettings(ctx context.Context, change *git.Change, o Options) (settings, error) {
	var s settings
	base, head, err := s.files(change, o)
	if err != nil {
		return s, err
	}
	if base, head, err = s.extended(ctx, o, base, head); err != nil {
		return s, err
	}
	s.decides = base
	if s.decides == nil {
		s.decides = &config.File{Version: 1}
	}
	s.entries = describe(config.Entries(base, head, movesOf(change)))
	if err := s.policed(change, base, head); err != nil {
		return s, err
	}
	s.environments = &environments{file: s.decides, catalog: catalog(s.policies), known: map[string]environment{}}
	if s.rules, err = s.environments.rules(); err != nil {
		return s, &UsageError{err}
	}
	return s, s.threshold(o)
}

func (s *settings) files(change *git.Change, o Options) (base, head *config.File, err error) {
	if o.Config != "" {
		data, err := os.ReadFile(o.Config)
		if err != nil {
			return nil, nil, &UsageError{fmt.Errorf("the configuration cannot be read: %w", err)}
		}
		file, err := config.Parse(o.Config, data, ids())
		if err != nil {
			return nil, nil, &UsageError{err}
		}
		return file, file, nil
	}
	if head, err = fileOf(change.Head); err != nil {
		return nil, nil, &UsageError{err}
	}
	if base, err = fileOf(change.Base); err != nil {
		s.notes = append(s.notes, fmt.Sprintf("base's configuration is invalid, so the defaults decide: %v", err))
		base = nil
	}
	return base, head, nil
}

func fileOf(tree fs.FS) (*config.File, error) {
	data, err := fs.ReadFile(tree, config.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config.Name, err)
	}
	return config.Parse(config.Name, data, ids())
}

func ids() []string {
	var all []string
	for _, c := range checks.All {
		all = append(append(all, c.ID), c.Aliases...)
	}
	return all
}

// selection is what a part of the configuration says of checks.
func selection(c config.Checks) checks.Selection {
	s := checks.Selection{EnableAll: c.Enable.All, Enable: c.Enable.IDs, Disable: c.Disable, Severity: map[string]checks.Severity{}}
	for id, name := range c.Severity {
		if severity, err := checks.ParseSeverity(name); err == nil { // the parser refused others
			s.Severity[id] = severity
		}
	}
	return s
}

// workloadsOf are the users' own kinds that make pods.
func workloadsOf(f *config.File) []manifest.Workload {
	var all []manifest.Workload
	for _, w := range f.Workloads {
		all = append(all, manifest.Workload(w))
	}
	return all
}

// threshold settles fail-on, of the top level and of each environment: in CI an
// option may only tighten it.
func (s *settings) threshold(o Options) error {
	configured, err := checks.ParseSeverity(s.decides.Threshold())
	if err != nil {
		return &UsageError{err}
	}
	s.failOn = configured
	s.environments.tightened = func(configured checks.Severity) checks.Severity { return configured }
	if o.FailOn == "" {
		return nil
	}
	asked, err := checks.ParseSeverity(o.FailOn)
	if err != nil {
		return &UsageError{fmt.Errorf("--fail-on: %w", err)}
	}
	s.environments.tightened = func(configured checks.Severity) checks.Severity {
		if o.Strict && looser(asked, configured) {
			return configured
		}
		return asked
	}
	switch {
	case looser(asked, configured) && o.Strict:
		s.notes = append(s.notes, fmt.Sprintf("fail-on %s was asked for and is looser than base's %s, which stays: change it in %s", asked, configured, config.Name))
	case looser(asked, configured) && !o.Debt: // a scan blocks nothing anyway
		s.notes = append(s.notes, fmt.Sprintf("fail-on is %s here; in CI base's %s decides", asked, configured))
	}
	s.failOn = s.environments.tightened(configured)
	return nil
}

// movesOf tells configuration how the change renames files and folders.
func movesOf(change *git.Change) config.Moves {
	renames := change.Renames()
	back := map[string]string{}
	for old, now := range renames {
		back[now] = old
	}
	follow := func(tree, other fs.FS, files map[string]string) func(string) string {
		return func(dir string) string {
			kind := render.KindOf(tree, dir)
			if kind == "" || render.KindOf(other, dir) != "" {
				return dir
			}
			if moved := renamedDir(render.Target{Kind: kind, Dir: dir}, files); moved != "" {
				return moved
			}
			return dir
		}
	}
	return config.Moves{Files: renames, Dir: follow(change.Base, change.Head, renames), Back: follow(change.Head, change.Base, back)}
}

// describe turns configuration's entries into targets of both sides.
func describe(entries []config.Entry) []described {
	var all []described
	for _, e := range entries {
		at := render.Target{
			Set: e.Target.Set, Release: e.Target.Release, Namespace: e.Target.Namespace, KubeVersion: e.Target.KubeVersion,
			APIVersions: e.Target.APIVersions, SkipTests: e.Target.SkipTests, Configured: true, Variant: variantName(e.HeadValues),
		}
		base, head := at.In(e.Base), at.In(e.Head)
		base.Values, head.Values = e.BaseValues, e.HeadValues
		all = append(all, described{base, head, e.FromBase, e.Given})
	}
	return all
}

// variantName names a variant after its values files.
func variantName(layers []string) string {
	var names []string
	for _, layer := range layers {
		name := path.Base(layer)
		names = append(names, strings.TrimSuffix(name, path.Ext(name)))
	}
	return strings.Join(slices.Compact(names), "+")
}

// keyring are the keys that base trusts to sign charts. Without those that it
// names nobody can say what a signature is worth.
func (s *settings) keyring(change *git.Change) openpgp.EntityList {
	name := s.decides.Dependencies.Keyring
	if name == "" {
		return nil
	}
	data, err := fs.ReadFile(change.Base, path.Clean(name))
	var keys openpgp.EntityList
	if err == nil {
		read := openpgp.ReadKeyRing
		if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
			read = openpgp.ReadArmoredKeyRing
		}
		keys, err = read(bytes.NewReader(data))
	}
	if err != nil {
		s.undecided = append(s.undecided, report.Undecided{Side: report.Base, Stage: "check",
			Error: fmt.Sprintf("dependencies.keyring names %s, which cannot be read at base (%v), so nobody can say who signed a chart; make it with: gpg --export KEY > %s", name, err, name)})
	}
	return keys
}
