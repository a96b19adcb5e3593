package checks

import (
	"slices"
	"strings"

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
		all = append(all, r.Tags, r.Scan, r.Admin, r.Network, r.Key)
	}
	if c, ok := infra.ClusterOf(o); ok {
		all = append(all, c.Endpoint, c.Audit, c.Logging, c.Secrets, c.Network, c.Kept)
	}
	for _, n := range infra.NodesOf(o) {
		all = append(all, n.Metadata, n.Hops, n.PublicIP, n.SSHKey, n.DiskKey, n.Cache)
		all = append(all, slices.Concat(n.Disks, n.SSH, n.RDP, n.Login, n.Boot, n.Push)...)
	}
	logins := infra.LoginsOf(o)
	all = slices.Concat(all, logins.Legacy, logins.Workload)
	return append(append(all, infra.RegistryReaders(o)...), infra.RegistryWriters(o)...)
}

// nodes reports the weak ones of some settings of each node.
func (p *Pass) nodes(settings func(infra.Node) []infra.Setting, what string) {
	for _, n := range infra.NodesOf(p.Object) {
		for _, s := range settings(n) {
			if !s.Weak {
				continue
			}
			found := ""
			if s.Who != "" {
				found = " (" + s.Who + ")"
			}
			p.Report(s.At, manifest.Subject{Class: strings.TrimSpace(n.Name + " " + s.Who)}, "%s %q %s%s", p.Object.Kind, orDefault(n.Name, p.Object.Name), what, found)
		}
	}
}

// unclear reports what nobody knows of a start-up: base may have had it harmless.
// That is no doubt about secrets, since what the tree does not say it does not show.
func (p *Pass) unclear(start infra.StartUp) {
	for _, at := range start.Unclear {
		p.Report(at, start.Subject, "%s does when it starts what nobody knows; a script that the tree holds is expected", start.Of)
	}
}

// firstUnknown is the place to report where something else decides as well: of
// several, what nobody knows.
func firstUnknown(at manifest.Node, deciders ...manifest.Node) manifest.Node {
	for _, n := range deciders {
		if n.Unknown() {
			return n
		}
	}
	return at
}

// lastKey is the name of the field that a place stands at.
func lastKey(at manifest.Node) string {
	name := ""
	for _, key := range at.Keys() {
		if key.Index < 0 {
			name = key.Name
		}
	}
	return name
}
