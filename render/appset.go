package render

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/render/manifest"
)

// What an ApplicationSet may expand to: beyond it a small file could make
// work without end.
const (
	mostApplications = 2000
	mostExpanded     = 8 << 20 // bytes of all Applications of a set
)

func isApplicationSet(o *manifest.Object) bool { return o.GroupKind() == "argoproj.io/ApplicationSet" }

// releasesOfSet are the Applications of a set. A set that nobody can expand is
// a target by itself, which fails and says why; one whose generators ask a
// cluster or a service is left to a note of its render.
func releasesOfSet(d *deployer, set *manifest.Object) []Release {
	generated, err := d.expand(set)
	files := map[string]bool{} // that generators read; what else they listed only tells which Applications there are
	for name := range d.reads {
		if info, err := fs.Stat(d.tree, name); err == nil && !info.IsDir() {
			files[name] = true
		}
	}
	if err != nil {
		one := deployer{used: []*manifest.Object{set}}
		return []Release{{Kind: Application, Object: set.Ref, File: set.Origin.Path, Reads: sortedKeys(files), Digest: one.digest()}}
	}
	var all []Release
	for _, o := range generated {
		one := d.again()
		maps.Copy(one.reads, files)
		all = append(all, release(one, o, Application))
	}
	return all
}

// unsupported is what cannot be read from the tree alone.
type unsupported struct{ what string }

func (u unsupported) Error() string { return u.what }

// params are what a generator gives to the template.
type params map[string]any

// expand makes the Applications of a set, as far as the tree tells them.
// Source: the Argo CD documentation, ApplicationSet: Generators, Templates.
func (d *deployer) expand(set *manifest.Object) (manifest.Objects, error) {
	spec := set.Root.Get("spec")
	m := setMaker{d: d, set: set, goTemplate: spec.Get("goTemplate").IsTrue()}
	for option := range spec.Get("goTemplateOptions").Items() {
		m.options = append(m.options, option.Text())
	}
	base, err := readValues(spec.Get("template"))
	if err != nil {
		return nil, err
	}
	var all manifest.Objects
	for generator := range spec.Get("generators").Items() {
		found, err := m.generate(generator, 0)
		var not unsupported
		if errors.As(err, &not) {
			d.skipped = append(d.skipped, Skipped{Path: set.Origin.Path, Why: fmt.Sprintf("%s: %s", set.Ref, not.what)})
			continue
		}
		if err != nil {
			return nil, err
		}
		own, err := readValues(ownTemplate(generator))
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			app, err := m.application(mergeValues(base, own), spec.Get("templatePatch").Text(), p)
			if err != nil {
				return nil, err
			}
			if all = append(all, app); len(all) > mostApplications {
				return nil, fmt.Errorf("expands to more than %d Applications, where looking ends", mostApplications)
			}
		}
	}
	return all, nil
}

// ownTemplate is what a generator changes of the set's template.
func ownTemplate(generator manifest.Node) manifest.Node {
	for _, inner := range generator.Fields() {
		if t := inner.Get("template"); t.IsMap() {
			return t
		}
	}
	return manifest.Node{}
}

type setMaker struct {
	d          *deployer
	set        *manifest.Object
	goTemplate bool
	options    []string
	size       int
}

// generate gives the parameters of one generator.
func (m *setMaker) generate(g manifest.Node, depth int) ([]params, error) {
	if depth > 2 {
		return nil, errors.New("generators nest too deeply")
	}
	for name, at := range g.Fields() {
		var found []params
		var err error
		switch name {
		case "selector", "template":
			continue
		case "list":
			found, err = m.list(at)
		case "git":
			found, err = m.git(at)
		case "matrix":
			found, err = m.matrix(at, depth)
		case "merge":
			found, err = m.merge(at, depth)
		default:
			return nil, unsupported{fmt.Sprintf("only a cluster or a service knows what its generator %q makes", name)}
		}
		if err != nil {
			return nil, err
		}
		return m.selected(g.Get("selector"), found)
	}
	return nil, errors.New("has a generator that generates nothing")
}

// selected keeps the parameters that a generator's selector asks for.
func (m *setMaker) selected(selector manifest.Node, found []params) ([]params, error) {
	if selector.Get("matchExpressions").Len() > 0 {
		return nil, unsupported{"matchExpressions of its generators are not read"}
	}
	return slices.DeleteFunc(found, func(p params) bool {
		for key, want := range selector.Get("matchLabels").Fields() {
			if fmt.Sprint(p[key]) != want.Text() {
				return true
			}
		}
		return false
	}), nil
}

func (m *setMaker) list(at manifest.Node) ([]params, error) {
	if at.Get("elementsYaml").Exists() {
		return nil, unsupported{"elementsYaml is not read"}
	}
	var found []params
	for element := range at.Get("elements").Items() {
		p, err := readValues(element)
		if err != nil {
			return nil, err
		}
		if found = append(found, m.flat(p)); len(found) > mostApplications {
			return nil, fmt.Errorf("expands to more than %d Applications, where looking ends", mostApplications)
		}
	}
	return found, nil
}

// flat gives parameters the form that templates without goTemplate expect:
// a.b for a nested field, and values as values.x.
func (m *setMaker) flat(p map[string]any) params {
	if m.goTemplate {
		return p
	}
	out := params{}
	var into func(prefix string, v any)
	into = func(prefix string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				into(prefix+"."+key, inner)
			}
		case []any:
			for i, inner := range v {
				into(prefix+"."+strconv.Itoa(i), inner)
			}
		default:
			out[prefix] = fmt.Sprint(v)
		}
	}
	for key, v := range p {
		into(key, v)
	}
	return out
}

// git lists folders or files of this repository that match.
func (m *setMaker) git(at manifest.Node) ([]params, error) {
	url := at.Get("repoURL").Text()
	same, known := m.d.sameRepository(url)
	if known && !same {
		return nil, unsupported{fmt.Sprintf("its generator reads %s, another repository", url)}
	}
	if !known {
		m.d.notes = append(m.d.notes, fmt.Sprintf("%s is assumed to be this repository", orElse(url, "the generator's repository")))
	}
	prefix := at.Get("pathParamPrefix").Text()
	names, err := m.matching(at)
	if err != nil {
		return nil, err
	}
	var found []params
	for _, name := range names {
		if at.Get("directories").IsList() {
			found = append(found, m.pathParams(name, "", prefix))
			continue
		}
		m.d.reads[name] = true
		some, err := m.fileParams(name, prefix)
		if err != nil {
			return nil, err
		}
		if found = append(found, some...); len(found) > mostApplications {
			return nil, fmt.Errorf("expands to more than %d Applications, where looking ends", mostApplications)
		}
	}
	for i := range found {
		if err := m.ownValues(at.Get("values"), found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// matching are the folders or files that a git generator asks for and does not
// exclude, in order.
func (m *setMaker) matching(at manifest.Node) ([]string, error) {
	field := "files"
	if at.Get("directories").IsList() {
		field = "directories"
	}
	hits := map[string]bool{}
	for _, excluding := range []bool{false, true} {
		for item := range at.Get(field).Items() {
			pattern := path.Clean(strings.TrimLeft(item.Get("path").Text(), "/"))
			if item.Get("exclude").IsTrue() != excluding {
				continue
			}
			if !doublestar.ValidatePattern(pattern) || !fs.ValidPath(pattern) {
				return nil, fmt.Errorf("%q is no pattern of this tree", item.Get("path").Text())
			}
			if excluding {
				for name := range hits {
					if ok, err := doublestar.Match(pattern, name); err == nil && ok {
						delete(hits, name)
					}
				}
				continue
			}
			if err := m.glob(pattern, field == "directories", hits); err != nil {
				return nil, err
			}
		}
	}
	return sortedKeys(hits), nil
}

func (m *setMaker) glob(pattern string, dirs bool, hits map[string]bool) error {
	root, _ := doublestar.SplitPattern(pattern)
	m.d.reads[root] = true
	visited := 0
	err := doublestar.GlobWalk(m.d.tree, pattern, func(name string, entry fs.DirEntry) error {
		if visited++; visited > 100_000 {
			return errors.New("matches too much")
		}
		if entry.IsDir() == dirs && !(dirs && hidden(name)) {
			hits[name] = true
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// pathParams are the parameters that tell where a folder or a file is.
func (m *setMaker) pathParams(dir, file, prefix string) params {
	segments := strings.Split(dir, "/")
	base := path.Base(dir)
	if m.goTemplate {
		var list []any
		for _, s := range segments {
			list = append(list, s)
		}
		at := map[string]any{"path": dir, "basename": base, "basenameNormalized": normalized(base), "segments": list}
		if file != "" {
			at["filename"], at["filenameNormalized"] = file, normalized(file)
		}
		if prefix != "" {
			return params{prefix: map[string]any{"path": at}}
		}
		return params{"path": at}
	}
	if prefix != "" {
		prefix += "."
	}
	p := params{prefix + "path": dir, prefix + "path.basename": base, prefix + "path.basenameNormalized": normalized(base)}
	if file != "" {
		p[prefix+"path.filename"], p[prefix+"path.filenameNormalized"] = file, normalized(file)
	}
	for i, s := range segments {
		p[fmt.Sprintf("%spath[%d]", prefix, i)] = s
	}
	return p
}

var abnormal = regexp.MustCompile(`[^a-z0-9.-]+`)

// normalized makes a name that Kubernetes accepts, as Argo CD does.
func normalized(name string) string {
	name = abnormal.ReplaceAllString(strings.ToLower(name), "-")
	if len(name) > 253 {
		name = name[:253]
	}
	return strings.Trim(name, "-.")
}

// fileParams reads a file of a git generator: one set of parameters, or a list.
func (m *setMaker) fileParams(name, prefix string) ([]params, error) {
	data, err := fs.ReadFile(m.d.tree, name)
	if err != nil {
		return nil, err
	}
	var list []map[string]any
	if err := sigsyaml.Unmarshal(data, &list); err != nil {
		var one map[string]any
		if err := sigsyaml.Unmarshal(data, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, one)
	}
	var found []params
	for _, content := range list {
		p := m.flat(content)
		for key, v := range m.pathParams(path.Dir(name), path.Base(name), prefix) {
			p[key] = v
		}
		found = append(found, p)
	}
	return found, nil
}

// ownValues adds the generator's values, which may use its parameters.
func (m *setMaker) ownValues(at manifest.Node, p params) error {
	values := map[string]any{}
	for key, v := range at.Fields() {
		filled, err := m.fill(v.Text(), p)
		if err != nil {
			return err
		}
		values[key] = filled
		if !m.goTemplate {
			p["values."+key] = filled
		}
	}
	if m.goTemplate && len(values) > 0 {
		p["values"] = values
	}
	return nil
}

// matrix combines what two generators make; the second may use what the first
// one made.
func (m *setMaker) matrix(at manifest.Node, depth int) ([]params, error) {
	var parts []manifest.Node
	for part := range at.Get("generators").Items() {
		parts = append(parts, part)
	}
	if len(parts) != 2 {
		return nil, errors.New("matrix: needs two generators")
	}
	left, err := m.generate(parts[0], depth+1)
	if err != nil {
		return nil, err
	}
	var found []params
	for _, l := range left {
		second, err := m.filledNode(parts[1], l)
		if err != nil {
			return nil, err
		}
		right, err := m.generate(second, depth+1)
		if err != nil {
			return nil, err
		}
		for _, r := range right {
			if found = append(found, mergeValues(l, r)); len(found) > mostApplications {
				return nil, fmt.Errorf("expands to more than %d Applications, where looking ends", mostApplications)
			}
		}
	}
	return found, nil
}

// merge lets later generators change what the first one made, where they agree
// on the keys.
func (m *setMaker) merge(at manifest.Node, depth int) ([]params, error) {
	var keys []string
	for key := range at.Get("mergeKeys").Items() {
		keys = append(keys, key.Text())
	}
	id := func(p params) string {
		var parts []string
		for _, key := range keys {
			parts = append(parts, fmt.Sprint(p[key]))
		}
		return strings.Join(parts, "\x00")
	}
	var found []params
	first := true
	for part := range at.Get("generators").Items() {
		some, err := m.generate(part, depth+1)
		if err != nil {
			return nil, err
		}
		if first {
			found, first = some, false
			continue
		}
		for _, over := range some {
			for i := range found {
				if id(found[i]) == id(over) {
					found[i] = mergeValues(found[i], over)
				}
			}
		}
	}
	return found, nil
}

// application fills the template for one set of parameters.
func (m *setMaker) application(templ map[string]any, patch string, p params) (*manifest.Object, error) {
	filled, err := m.fillAll(templ, p)
	if err != nil {
		return nil, err
	}
	app, _ := filled.(map[string]any)
	if patch != "" {
		text, err := m.fill(patch, p)
		if err != nil {
			return nil, err
		}
		var over map[string]any
		if err := sigsyaml.Unmarshal([]byte(text), &over); err != nil {
			return nil, fmt.Errorf("templatePatch: %w", err)
		}
		app = mergeValues(app, over)
	}
	meta, _ := app["metadata"].(map[string]any)
	app["metadata"] = mergeValues(map[string]any{"namespace": m.set.Namespace}, meta)
	app["apiVersion"], app["kind"] = m.set.APIVersion, "Application"
	data, err := sigsyaml.Marshal(app)
	if err != nil {
		return nil, err
	}
	if m.size += len(data); m.size > mostExpanded {
		return nil, fmt.Errorf("expands to more than %d MiB of Applications, where looking ends", mostExpanded>>20)
	}
	objects, err := manifest.Parse(data, manifest.Origin{Path: m.set.Origin.Path})
	if err != nil || len(objects) != 1 {
		return nil, fmt.Errorf("its template makes no Application: %w", err)
	}
	return objects[0], nil
}

// fillAll fills all texts of a value, keys included.
func (m *setMaker) fillAll(v any, p params) (any, error) {
	switch v := v.(type) {
	case string:
		return m.fill(v, p)
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			name, err := m.fill(key, p)
			if err != nil {
				return nil, err
			}
			if out[name], err = m.fillAll(inner, p); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			var err error
			if out[i], err = m.fillAll(inner, p); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// filledNode fills the texts of a generator.
func (m *setMaker) filledNode(n manifest.Node, p params) (manifest.Node, error) {
	values, err := readValues(n)
	if err != nil {
		return manifest.Node{}, err
	}
	filled, err := m.fillAll(values, p)
	if err != nil {
		return manifest.Node{}, err
	}
	var root yaml.Node
	data, err := sigsyaml.Marshal(filled)
	if err == nil {
		err = yaml.Unmarshal(data, &root)
	}
	if err != nil {
		return manifest.Node{}, err
	}
	source, err := manifest.ParseSource(data, m.set.Ref, m.set.Origin)
	if err != nil {
		return manifest.Node{}, err
	}
	return source.Root, nil
}

// simple is a parameter in a template without goTemplate.
var simple = regexp.MustCompile(`\{\{\s*([^{}]+?)\s*\}\}`)

// fill fills one text. Without goTemplate what is not known stays as it is.
func (m *setMaker) fill(text string, p params) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	if !m.goTemplate {
		return simple.ReplaceAllStringFunc(text, func(found string) string {
			if v, known := p[simple.FindStringSubmatch(found)[1]]; known {
				return fmt.Sprint(v)
			}
			return found
		}), nil
	}
	t, err := template.New("").Funcs(setFunctions()).Option(m.options...).Parse(text)
	if err != nil {
		return "", fmt.Errorf("template %q: %w", text, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, map[string]any(p)); err != nil {
		return "", fmt.Errorf("template %q: %w", text, err)
	}
	return strings.ReplaceAll(out.String(), "<no value>", ""), nil
}

// setFunctions are those of Argo CD's templates, less what reads the machine
// or differs from run to run.
func setFunctions() template.FuncMap {
	functions := sprig.HermeticTxtFuncMap()
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(functions, name)
	}
	functions["normalize"] = normalized
	functions["toYaml"] = func(v any) (string, error) {
		data, err := sigsyaml.Marshal(v)
		return strings.TrimSuffix(string(data), "\n"), err
	}
	functions["fromYaml"] = func(text string) (map[string]any, error) {
		var v map[string]any
		return v, sigsyaml.Unmarshal([]byte(text), &v)
	}
	functions["fromYamlArray"] = func(text string) ([]any, error) {
		var v []any
		return v, sigsyaml.Unmarshal([]byte(text), &v)
	}
	return functions
}
