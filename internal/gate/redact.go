package gate

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// redactor knows every secret of what was rendered and of the values that it
// was rendered from, also where the render failed and its error quotes them.
func redactor(change *git.Change, targets []*target) manifest.Redactor {
	var secrets, sure, names []string
	read := map[string]bool{}
	for _, t := range targets {
		if !t.affected {
			continue
		}
		for _, s := range []side{t.baseSide, t.headSide} {
			rendered := manifest.Secrets(s.result.Judged())
			if !t.any().Kind.Infrastructure() {
				sure = append(sure, rendered...)
			}
			secrets = append(secrets, rendered...)
			secrets = append(secrets, infra.SecretValues(s.result.Judged())...)
			names = append(names, infra.PublicNames(s.result.Judged())...)
		}
		for _, at := range []struct {
			tree *git.Tree
			t    *render.Target
		}{{change.Base, t.base}, {change.Head, t.head}} {
			if at.t == nil || at.t.Kind != render.Helm && at.t.Declared == nil {
				continue
			}
			for _, name := range render.ValuesFiles(at.tree, *at.t) {
				id := at.tree.ID(name)
				if read[id] {
					continue
				}
				read[id] = true
				if data, err := fs.ReadFile(at.tree, path.Clean(name)); err == nil {
					secrets = append(secrets, manifest.SecretValues(data)...)
				}
			}
		}
	}
	return manifest.NewRedactor(slices.DeleteFunc(secrets, public(targets))).Showing(slices.DeleteFunc(names, holding(sure)))
}

// holding tells a name that holds what a Secret or a variable of a container has: what
// only a key of values or of a module calls a secret may well be a registry or a role.
func holding(secrets []string) func(string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(secrets, func(secret string) bool { return secret != "" && strings.Contains(name, secret) })
	}
}

// public tells what is no secret whatever the key says that holds it: a name
// that the paths of the targets say as well, such as a chart's.
func public(targets []*target) func(string) bool {
	names := map[string]bool{}
	for _, t := range targets {
		for _, at := range []*render.Target{t.base, t.head} {
			if at == nil {
				continue
			}
			for _, name := range strings.Split(at.Dir, "/") {
				names[name] = true
			}
		}
	}
	return func(secret string) bool { return names[secret] }
}
