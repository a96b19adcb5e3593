// Package engine executes the templates of a chart as helm v3 does, byte for
// byte, with three differences that a comparison of two renders needs:
//
//   - what helm draws by chance, reads from the clock or generates as a key is
//     fixed (chance.go, certificate.go);
//   - what a hostile chart could exhaust is bounded (limits.go);
//   - neither a cluster nor the network nor the environment can be asked.
//
// Text is produced in one place, frame, and templates become trees in another,
// read, so that tracing lines to their templates can be added in these two.
package engine

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"text/template"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// rootName is helm's name of the template that holds all others; the text of
// tpl goes by it in messages.
const rootName = "gotpl"

// noValue is what text/template prints for a missing key. Helm deletes it
// wherever it stands, even where an author wrote it.
const noValue = "<no value>"

// Options change what a failure means.
type Options struct {
	// MayFail names templates whose execution may fail: they then yield
	// nothing, and the chart still renders. Nil: none may.
	MayFail func(template string) bool
	// Drawn is told each text that was drawn by chance, or made as a key: no
	// file holds it. Nil: nobody asks.
	Drawn func(text string)
}

// Render executes the templates of a chart and of its subcharts and returns
// their text by name, such as chart/charts/sub/templates/x.yaml; partials are
// left out. Values are those of chartutil.ToRenderValues. As in helm, templates
// can change the values while they run, so a chart needs fresh ones for each
// render. The result depends on the arguments alone.
func Render(c *chart.Chart, values chartutil.Values, o Options) (rendered map[string]string, err error) {
	defer func() {
		if r := recover(); r != nil {
			rendered, err = nil, fmt.Errorf("rendering template failed: %v", r)
		}
	}()
	sources, _ := collect(c, values)
	names := order(sources)
	r := newRun()
	r.tell = o.Drawn
	root := r.set()
	for _, name := range names {
		if err := r.add(root, name, sources[name].text); err != nil {
			return nil, shortened(parseError(name, err))
		}
	}
	rendered = make(map[string]string, len(names))
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		text, err := r.file(root, name, sources[name])
		switch {
		case err == nil:
			rendered[name] = text
		case o.MayFail == nil || !o.MayFail(name) || errors.Is(err, errTooMuch):
			return nil, shortened(execError(name, err))
		}
	}
	return rendered, nil
}

// run is one render: what it may still use up, and what it drew so far.
type run struct {
	functions template.FuncMap
	template  string         // the file that is executed, whoever it includes
	drawn     map[string]int // how often each thing was drawn from chance
	included  map[string]int // how deep each name is included
	weights   map[string]int // how much stack each named template takes
	nested    int            // tpl inside tpl
	load      int            // the weights of all templates under execution
	output    int            // bytes that may still be written
	trace     *tracer        // nil: nobody asked
	tell      func(string)   // of what was drawn
}

func newRun() *run {
	return &run{drawn: map[string]int{}, included: map[string]int{}, weights: map[string]int{}, output: maxOutput}
}

// set is the set that holds all templates.
func (r *run) set() *template.Template {
	root := template.New(rootName).Option("missingkey=zero")
	r.functions = functions(r, root)
	root.Funcs(r.functions).Funcs(template.FuncMap{enterFunction: r.enter, leaveFunction: r.leave})
	if r.trace != nil {
		root.Funcs(r.trace.functions(root))
	}
	return root
}

// add reads a template and what it defines into a set.
func (r *run) add(set *template.Template, name, text string) error {
	units, err := read(name, text, r.functions)
	if err != nil {
		return err
	}
	if r.trace != nil {
		units = r.trace.instrument(name, text, units)
	}
	return r.addUnits(set, units)
}

func (r *run) addUnits(set *template.Template, units []unit) error {
	for _, u := range units {
		if _, err := set.AddParseTree(u.name, u.tree); err != nil {
			return err
		}
		r.weights[u.name] = max(r.weights[u.name], u.weight)
	}
	return nil
}

func (r *run) file(root *template.Template, name string, s templateFile) (string, error) {
	r.template = name
	// A failure that was let pass has left these as they were at that point.
	r.load, r.nested = 0, 0
	clear(r.included)
	s.scope["Template"] = chartutil.Values{"Name": name, "BasePath": s.basePath}
	text, err := r.execute(root.Lookup(name), s.scope, r.weights[name], caller{})
	return strings.ReplaceAll(text, noValue, ""), err
}

// execute is where all text comes from: files, include and tpl.
func (r *run) execute(t *template.Template, data any, weight int, by caller) (string, error) {
	if err := r.deeper(weight + callWeight); err != nil {
		return "", err
	}
	if r.trace != nil {
		f, end := r.trace.begin(data, by)
		err := t.Execute(f, data)
		r.load -= weight + callWeight
		end()
		return f.text.String(), err
	}
	f := frame{run: r}
	err := t.Execute(&f, data)
	r.load -= weight + callWeight
	return f.text.String(), err
}

// frame takes the text of one execution: text/template writes each piece of
// text and each result with a Write of its own.
type frame struct {
	run  *run
	text strings.Builder
}

func (f *frame) Write(p []byte) (int, error) {
	if f.run.output -= len(p); f.run.output < 0 {
		return 0, errTooMuch
	}
	return f.text.Write(p)
}

// callers are include and tpl over a set. One of their own is bound to each
// clone that tpl makes, so that what the text of tpl defines can be included
// there.
func (r *run) callers(set *template.Template) template.FuncMap {
	return template.FuncMap{
		"include": func(name string, data any) (string, error) { return r.include(set, name, data, caller{}) },
		"tpl":     func(text string, data any) (string, error) { return r.tpl(set, text, data, caller{tpl: true}) },
	}
}

// include gives a template's text.
func (r *run) include(set *template.Template, name string, data any, by caller) (string, error) {
	if r.included[name] > maxInclude {
		return "", fmt.Errorf("rendering template has a nested reference name: %s: unable to execute template", name)
	}
	t := set.Lookup(name)
	if t == nil || t.Tree == nil {
		// text/template words this.
		return "", set.ExecuteTemplate(&frame{run: r}, name, data)
	}
	r.included[name]++
	text, err := r.execute(t, data, r.weights[name], by)
	r.included[name]--
	return text, err
}

// tpl executes text as a template that sees all others. What the text defines
// is seen by itself and by tpl within it, and by nobody else.
func (r *run) tpl(set *template.Template, text string, data any, by caller) (string, error) {
	if r.nested >= maxTpl {
		return "", fmt.Errorf("tpl is called by its own text, more than %d deep", maxTpl)
	}
	units, err := read(rootName, text, r.functions)
	if err != nil {
		return "", fmt.Errorf("cannot parse template %q: %w", text, err)
	}
	if r.trace != nil {
		units = r.trace.instrumentText(text, units)
	}
	t := set.New(rootName)
	if len(units) == 1 && !strings.Contains(text, rootName) {
		// Nothing is defined, and helm's clone of the whole set not needed.
		t.Tree = units[0].tree
	} else {
		if set, err = set.Clone(); err != nil {
			return "", fmt.Errorf("cannot clone template: %w", err)
		}
		set.Funcs(r.callers(set))
		if r.trace != nil {
			set.Funcs(r.trace.functions(set))
		}
		t = set.New(rootName)
		if err := r.addUnits(t, units); err != nil {
			return "", fmt.Errorf("cannot parse template %q: %w", text, err)
		}
	}
	r.nested++
	out, err := r.execute(t, data, units[0].weight, by)
	r.nested--
	if err != nil {
		return "", fmt.Errorf("error during tpl function execution for %q: %w", text, err)
	}
	return strings.ReplaceAll(out, noValue, ""), nil
}

// Helm marks the messages of required and fail, to find them again within what
// text/template wraps around them.
const markStart, markEnd = "HELM_ERR_START", "HELM_ERR_END"

var marked = regexp.MustCompile(markStart + `((?s).*)` + markEnd)

// failure is a message for the chart's user, in its author's words.
func failure(message string) error { return errors.New(markStart + message + markEnd) }

func required(message string, value any) (any, error) {
	if value == nil || value == "" {
		return value, failure(message)
	}
	return value, nil
}

func fail(message string) (string, error) { return "", failure(message) }

// shortened leaves out the middle of a message that tells of a thousand calls.
func shortened(err error) error {
	text := err.Error()
	if len(text) <= maxMessage {
		return err
	}
	half := maxMessage / 2
	return errors.New(strings.ToValidUTF8(text[:half]+" … "+text[len(text)-half:], "�"))
}

// parseError words an error of text/template, "template: FILE:LINE: MESSAGE".
func parseError(name string, err error) error {
	parts := strings.Split(err.Error(), ": ")
	if len(parts) == 1 {
		return fmt.Errorf("parse error in (%s): %w", name, err)
	}
	return fmt.Errorf("parse error at (%s): %s", parts[1], parts[len(parts)-1])
}

// execError leaves an error as it is, unless it holds a marked message: then
// the message and the place are what counts.
func execError(name string, err error) error {
	if _, ok := err.(template.ExecError); !ok {
		return err
	}
	parts := strings.SplitN(err.Error(), ": ", 3)
	if len(parts) != 3 {
		return fmt.Errorf("execution error in (%s): %w", name, err)
	}
	if message := marked.FindStringSubmatch(parts[2]); message != nil {
		return fmt.Errorf("execution error at (%s): %s", parts[1], message[1])
	}
	return err
}
