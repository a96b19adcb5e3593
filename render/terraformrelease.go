package render

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// IsValues says that an attribute of a helm_release gives its chart values.
func IsValues(attribute string) bool { return terraform.IsValues(attribute) }

// chart is what the module's evaluation says of a release.
func (d *deployer) chart(o *manifest.Object) (terraform.Release, bool) {
	i := slices.IndexFunc(d.charts, func(r terraform.Release) bool { return r.Object == o.Ref })
	if i < 0 {
		return terraform.Release{}, false
	}
	return d.charts[i], true
}

// terraformRelease reads a helm_release.
// Source: the documentation of Terraform's Helm provider.
func (d *deployer) terraformRelease(o *manifest.Object) (deployment, error) {
	r, found := d.chart(o)
	if !found {
		return nil, fmt.Errorf("%s is no release of the module", o.Ref)
	}
	c := &releaseChart{file: o.Origin.Path, release: r.Name}
	if !terraform.HasHole(r.Namespace) {
		c.namespace = r.Namespace
	}
	if r.Program != "" {
		c.lacks = append(c.lacks, Missing{Kind: MissingProgram, Name: r.Program, Parent: o.Kind + "." + o.Name, In: o.Origin.Path})
	}
	for _, what := range r.Unknown {
		c.lacks = append(c.lacks, Missing{Kind: MissingValues, Name: what, Parent: o.Kind + "." + o.Name, In: o.Origin.Path})
	}
	if err := c.terraformValues(r); err != nil {
		return nil, err
	}
	return c, d.terraformChart(c, r)
}

// terraformChart finds the chart as helm does: a path that is there, else what
// the repository has.
func (d *deployer) terraformChart(c *releaseChart, r terraform.Release) error {
	for _, one := range []struct{ name, text string }{{"chart", r.Chart}, {"repository", r.Repository}, {"version", r.Version}} {
		if terraform.HasHole(one.text) {
			return fmt.Errorf(onlyPlan+" its %s: %s; give the variables that it is made of a default or a value in a .tfvars file", one.name, terraform.Shown(one.text))
		}
	}
	if r.Chart == "" {
		return fmt.Errorf("names no chart")
	}
	root := d.in.Dir
	at := path.Join(root, r.Chart)
	if rest, absolute := strings.CutPrefix(r.Chart, "/"); absolute {
		at = path.Clean(rest) // path.module and its like
	}
	local := strings.HasPrefix(r.Chart, ".") || strings.HasPrefix(r.Chart, "/")
	if fs.ValidPath(at) && !strings.Contains(r.Chart, "://") && (local || r.Repository == "") {
		switch {
		case exists(d.tree, join(at, "Chart.yaml")):
			d.reads[at] = true
			c.dir = at
			return nil
		case path.Ext(at) == ".tgz" && exists(d.tree, at):
			d.reads[at] = true
			c.archive = at
			return nil
		}
		if local {
			d.reads[at] = true
		}
	}
	if local {
		return fmt.Errorf("chart %s is not in the tree", r.Chart)
	}
	name, repository := r.Chart, r.Repository
	if repository == "" && strings.HasPrefix(name, "oci://") {
		slash := strings.LastIndex(name, "/")
		name, repository = name[slash+1:], name[:slash]
	}
	d.remoteChart(c, name, r.Version, strings.TrimSuffix(repository, "/"))
	return nil
}

// terraformValues merges the values as the provider does: the texts in order,
// then the settings.
func (c *releaseChart) terraformValues(r terraform.Release) error {
	c.values = map[string]any{}
	for _, l := range r.Layers {
		parsed, err := chartutil.ReadValues([]byte(l.Text))
		if err != nil {
			return fmt.Errorf("values: %w", err)
		}
		c.values = mergeValues(c.values, parsed)
		c.layers = append(c.layers, layer{root: l.Root, sites: l.Sites})
	}
	for _, s := range r.Settings {
		if err := setTerraform(s, c.values); err != nil {
			return fmt.Errorf("set %q: %w", terraform.Shown(s.Name), err)
		}
		l := setLayer(s.Name+"=", manifest.Node{})
		if l.set != nil {
			l.sites = func(int) []manifest.Site { return withoutConditions(s.Sites) }
			c.layers = append(c.layers, l)
		}
	}
	return nil
}

func setTerraform(s terraform.Setting, values map[string]any) error {
	switch {
	case s.Listed:
		return strvals.ParseInto(s.Name+"={"+strings.Join(s.List, ",")+"}", values)
	case s.Type == "string":
		return strvals.ParseIntoString(s.Name+"="+s.Value, values)
	case s.Type == "literal":
		return strvals.ParseLiteralInto(s.Name+"="+s.Value, values)
	}
	return strvals.ParseInto(s.Name+"="+s.Value, values)
}
