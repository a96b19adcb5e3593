package gate

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// lost says that head leaves out a file, or a folder, of which base could read
// something that head has no more: a manifest that became a template of another
// tool, an ApplicationSet whose generator only a cluster knows. What is gone there
// may as well be hidden.
func (c comparer) lost(b, h side, s render.Skipped) bool {
	if b.result == nil || h.result == nil {
		return false
	}
	from := s.Path
	for old, now := range c.renames {
		if now == s.Path {
			from = old
		}
	}
	if slices.ContainsFunc(b.result.Skipped, func(was render.Skipped) bool { return was.Path == from }) {
		return false
	}
	if len(h.result.Objects) == 0 && len(b.result.Objects) > 0 {
		return true
	}
	within := func(file string) bool { return file == from || strings.HasPrefix(file, from+"/") }
	gone := func(o *manifest.Object) bool {
		return within(o.Origin.Path) && !slices.ContainsFunc(h.result.Objects, func(now *manifest.Object) bool {
			return now.GroupKind() == o.GroupKind() && now.Namespace == o.Namespace && now.Name == o.Name
		})
	}
	return slices.ContainsFunc(b.result.Objects, gone) || slices.ContainsFunc(b.result.Releases, func(r render.Release) bool {
		return within(r.File) && !slices.ContainsFunc(h.result.Releases, func(now render.Release) bool { return now.Object == r.Object })
	})
}
