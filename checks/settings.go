package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

// mendsSetting is the Mend of checks that judge a setting of infrastructure:
// what its model says.
func mendsSetting(f Finding, _ []*manifest.Object) []manifest.Edit {
	for _, s := range settingsOf(f.Node.Object()) {
		if s.At == f.Node || s.At.Path() == f.Node.Path() {
			return s.Mends
		}
	}
	return nil
}

// settingsOf are all settings of what an object describes.
func settingsOf(o *manifest.Object) []infra.Setting {
	var all []infra.Setting
	if r, ok := infra.RegistryOf(o); ok {
		all = append(all, r.Tags)
	}
	if c, ok := infra.ClusterOf(o); ok {
		all = append(all, c.Endpoint, c.Audit)
	}
	for _, n := range infra.NodesOf(o) {
		all = append(all, n.Metadata)
	}
	return append(all, infra.RegistryReaders(o)...)
}
