package render

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/terraform"
)

// requirements is where charts of the old format have their dependencies.
const requirements = "requirements.yaml"

// layout is what the names of a tree's files alone say of it.
type layout struct {
	charts         []string // folders with a Chart.yaml, in the order of the files
	isChart        map[string]bool
	kustomizations []string        // files that may be kustomizations
	manifests      []string        // folders with YAML in them
	varied         map[string]bool // folders that, if they are charts, may have variants
	modules        []string        // folders with Terraform in them
	tfvars         []string        // files that give Terraform's variables values
	otherTemplates []string        // folders with templates of CloudFormation that their name alone tells
	parts          map[string]bool // folders that, if they are charts, have a place for parts in them
}

// ChartDirs are the folders of a tree with a Chart.yaml. The map must not be
// changed.
func ChartDirs(tree fs.FS) map[string]bool { return layoutOf(tree).isChart }

// layoutOf reads the names of a tree, once where the tree remembers what was
// made of them.
func layoutOf(tree fs.FS) *layout {
	build := func() any { return newLayout(filesOf(tree)) }
	if d, ok := tree.(interface {
		DeriveNames(key string, build func() any) any
	}); ok {
		return d.DeriveNames("layout", build).(*layout)
	}
	return build().(*layout)
}

// open is a folder that files are still to come of. All paths in a folder stand
// together in a sorted list, so that the open ones are nested.
type open struct {
	dir  string
	yaml bool // it has YAML in it
	tf   bool // it has Terraform in it
}

// newLayout looks at each of the sorted names once: there may be a hundred
// thousand. What depends on the folder is asked once for each.
func newLayout(files []string) *layout {
	l := &layout{isChart: make(map[string]bool, len(files)/8), varied: map[string]bool{}, parts: map[string]bool{}}
	nested := []open{{dir: "."}}
	for _, name := range files {
		in, base := splitPath(name)
		at := &nested[len(nested)-1]
		if in != at.dir {
			for !under(in, at.dir) {
				nested = nested[:len(nested)-1]
				at = &nested[len(nested)-1]
			}
			if in != at.dir {
				l.holdsParts(at.dir, in)
				nested = append(nested, open{dir: in})
				at = &nested[len(nested)-1]
			}
		}
		switch base {
		case "Chart.yaml":
			l.charts = append(l.charts, in)
			l.isChart[in] = true
		case "ci", "values", "environments":
			l.varied[in] = true // a link to a folder
		case "charts", requirements:
			l.parts[in] = true
		}
		if slices.Contains(kustomizationNames, base) {
			l.kustomizations = append(l.kustomizations, name)
		}
		if strings.Contains(base, ".t") && l.terraform(name, in, at) {
			continue
		}
		if !isYAML(base) {
			if isTemplateName(base) && !slices.Contains(l.otherTemplates, in) {
				l.otherTemplates = append(l.otherTemplates, in)
			}
			continue
		}
		if !at.yaml {
			at.yaml = true
			l.manifests = append(l.manifests, in)
			l.vary(in)
		}
		if mayBeVariant(base) {
			l.varied[in] = true
		}
	}
	return l
}

// terraform notes a file of Terraform, false where it is none.
func (l *layout) terraform(name, in string, at *open) bool {
	switch {
	case terraform.IsVariables(name):
		l.tfvars = append(l.tfvars, name)
	case !terraform.IsConfig(name):
		return false
	case !at.tf:
		at.tf = true
		l.modules = append(l.modules, in)
	}
	return true
}

// templates are the folders that may hold CloudFormation templates.
func (l *layout) templates() []string {
	if len(l.otherTemplates) == 0 {
		return l.manifests
	}
	all := slices.Concat(l.manifests, l.otherTemplates)
	slices.Sort(all)
	return slices.Compact(all)
}

// holdsParts notes the folders, from one on to another below it, that have a
// place for parts.
func (l *layout) holdsParts(from, dir string) {
	for dir != from {
		var base string
		if dir, base = splitPath(dir); base == "charts" || base == requirements {
			l.parts[dir] = true
		}
	}
}

// vary notes the folders that have variants because YAML stands in one of
// their folders for variants.
func (l *layout) vary(dir string) {
	above, base := splitPath(dir)
	up, group := splitPath(above)
	for _, place := range variantPlaces {
		folder, each := strings.CutSuffix(place.dir, "/*")
		switch {
		case !each && folder == base:
			l.varied[above] = true
		case each && folder == group:
			l.varied[up] = true
		}
	}
}

// mayBeVariant says that a YAML file of that name would be a variant of the
// chart that it stands beside.
func mayBeVariant(base string) bool {
	if !strings.Contains(base, "values") && !strings.Contains(base, "test") {
		return false // as most
	}
	return slices.ContainsFunc(variantPlaces, func(place variantPlace) bool { return place.dir == "." && place.named(stemOf(base)) })
}

// splitPath is path.Dir and path.Base of a path that is known to be clean.
func splitPath(name string) (dir, base string) {
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		return name[:at], name[at+1:]
	}
	return ".", name
}

// nested says that a chart is a vendored part of another.
func (l *layout) nested(dir string) bool {
	for dir, _ = splitPath(dir); dir != "."; {
		var base string
		if dir, base = splitPath(dir); base == "charts" && l.isChart[dir] {
			return true
		}
	}
	return false
}

// inTemplates says that a file is part of a chart, whatever it looks like.
func (l *layout) inTemplates(name string) bool {
	for name != "." {
		var base string
		if name, base = splitPath(name); (base == "templates" || base == "charts") && l.isChart[name] {
			return true
		}
	}
	return false
}

// inChart says that a folder belongs to a chart. A chart at the root of the
// tree does not own the whole repository.
func (l *layout) inChart(dir string) bool {
	first, _, _ := strings.Cut(dir, "/")
	if l.isChart["."] && slices.Contains([]string{".", "templates", "charts", "crds", "ci"}, first) {
		return true
	}
	for ; dir != "."; dir, _ = splitPath(dir) {
		if l.isChart[dir] {
			return true
		}
	}
	return false
}

// hidden says that a folder, or one that it lies in, begins with a dot.
func hidden(dir string) bool {
	return strings.HasPrefix(dir, ".") && dir != "." || strings.Contains(dir, "/.")
}

// toolFolders hold the settings, and the copies, of tools. Other folders that begin
// with a dot, such as .k8s, hold what is deployed like any.
var toolFolders = regexp.MustCompile(`(?:^|/)\.(?:git[a-z]*|circleci|buildkite|woodpecker|semaphore|drone|vscode|idea|zed|cursor|devcontainer|husky|` +
	`terraform|terragrunt-cache|terraform\.d|external_modules|cache|venv|tox|nox|yarn|pnpm-store|direnv|task|pulumi|serverless|aws-sam|cdk\.out)(?:/|$)`)

// ofTools says that a folder belongs to a tool, not to what is deployed.
func ofTools(dir string) bool { return hidden(dir) && toolFolders.MatchString(dir) }

// filesOf are the paths of all files of a tree. A folder that cannot be listed
// has no charts that anybody could use.
func filesOf(tree fs.FS) []string {
	if known, ok := tree.(Lister); ok {
		return known.Files()
	}
	var names []string
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return names
}

// prefetchCharts asks for what charts say of themselves in one go, where the
// tree knows how.
func prefetchCharts(tree fs.FS) {
	many, ok := tree.(interface{ Prefetch([]string) })
	if !ok {
		return
	}
	charts := layoutOf(tree).charts
	names := make([]string, len(charts))
	for i, dir := range charts {
		names[i] = path.Join(dir, "Chart.yaml")
	}
	many.Prefetch(names)
}
