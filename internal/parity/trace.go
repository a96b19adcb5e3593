package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// traceCount is what a comparison of traced with untraced renders found.
type traceCount struct {
	targets, failed int
	differ          int // targets whose objects are not the same when they are traced
	files, traced   int // rendered files, and those whose text was the same so that they have a trace
	fields          int // values that are no maps or lists
	written         int // of these, with a template, a file or a patch
	valued          int // with a values line
	plain, slow     time.Duration
}

func (c *traceCount) add(other traceCount) {
	c.targets, c.failed, c.differ = c.targets+other.targets, c.failed+other.failed, c.differ+other.differ
	c.files, c.traced = c.files+other.files, c.traced+other.traced
	c.fields, c.written, c.valued = c.fields+other.fields, c.written+other.written, c.valued+other.valued
	c.plain, c.slow = c.plain+other.plain, c.slow+other.slow
}

func (c traceCount) String() string {
	return fmt.Sprintf("%d targets render (%d do not), %d differ when traced; %d files, %d with a trace (the same byte for byte); %d fields, %.2f%% with a line that wrote them, %.1f%% with a line of values; time ×%.2f",
		c.targets, c.failed, c.differ, c.files, c.traced, c.fields, percent(c.written, c.fields), percent(c.valued, c.fields), ratio(c.slow, c.plain))
}

func percent(part, of int) float64 { return 100 * float64(part) / float64(max(1, of)) }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(1, b)) }

// errTrace says that a trace is not to be trusted.
var errTrace = errors.New("traced renders differ from untraced ones, or an oracle disagrees too often")

// traceAll compares the targets of each tree, and asks the oracle.
func (p parity) traceAll(dirs []string, samples int) error {
	var all traceCount
	q := newOracle(p, samples)
	for _, dir := range dirs {
		tree, err := openTree(dir)
		if err != nil {
			return err
		}
		var c traceCount
		before := map[string]verdicts{}
		for kind, v := range q.found {
			before[kind] = *v
		}
		for _, t := range p.targets(tree) {
			c.add(p.traceTarget(tree, t))
			if samples > 0 {
				q.target(tree, t)
			}
		}
		fmt.Fprintf(p.out, "%s: %s\n", filepath.Base(dir), c)
		all.add(c)
		if samples > 0 {
			fmt.Fprint(p.out, q.since(before))
		}
	}
	if len(dirs) > 1 {
		fmt.Fprintf(p.out, "all: %s\n", all)
		if samples > 0 {
			fmt.Fprint(p.out, q.since(map[string]verdicts{}))
		}
	}
	if all.differ > 0 || q.wrong() {
		return errTrace
	}
	return nil
}

// traceTarget renders a target both ways.
func (p parity) traceTarget(tree folder, t render.Target) traceCount {
	start := time.Now()
	plain, err := render.Render(tree, t)
	between := time.Now()
	if err != nil {
		return traceCount{failed: 1}
	}
	t.Traced = true
	traced, err := render.Render(tree, t)
	c := traceCount{targets: 1, plain: between.Sub(start), slow: time.Since(between)}
	if why := sameObjects(plain, traced, err); why != "" {
		c.differ = 1
		fmt.Fprintf(p.out, "  %s %s: traced, %s\n", t.Kind, t.ID(), why)
		return c
	}
	files := map[string]bool{}
	for _, o := range traced.Objects {
		known, seen := files[o.Origin.Path]
		files[o.Origin.Path] = (known || !seen) && o.Written != nil
		c.count(o)
	}
	for name, known := range files {
		c.files++
		if known {
			c.traced++
		} else if p.verbose {
			fmt.Fprintf(p.out, "  %s %s: %s has no trace\n", t.Kind, t.ID(), name)
		}
	}
	return c
}

// sameObjects says how two renders of a target differ, or nothing.
func sameObjects(plain, traced *render.Result, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case len(plain.Objects) != len(traced.Objects):
		return fmt.Sprintf("it has %d objects instead of %d", len(traced.Objects), len(plain.Objects))
	}
	for i, o := range plain.Objects {
		want, wantErr := yaml.Marshal(o.Root.YAML())
		got, gotErr := yaml.Marshal(traced.Objects[i].Root.YAML())
		if wantErr != nil || gotErr != nil || !bytes.Equal(want, got) || o.Ref != traced.Objects[i].Ref || o.Origin != traced.Objects[i].Origin {
			return fmt.Sprintf("%s is another object", o.Ref)
		}
	}
	return ""
}

func (c *traceCount) count(o *manifest.Object) {
	for _, leaf := range leavesOf(o.Root.YAML()) {
		c.fields++
		sites := o.SitesAt(leaf.node.Line)
		if len(sites) > 0 && sites[0].Kind != manifest.SiteValues && sites[0].Kind != manifest.SiteCondition {
			c.written++
		}
		if siteOf(sites, manifest.SiteValues) != nil {
			c.valued++
		}
	}
}

func siteOf(sites []manifest.Site, kind manifest.SiteKind) *manifest.Site {
	for _, s := range sites {
		if s.Kind == kind {
			return &s
		}
	}
	return nil
}

// leaf is a value that holds no others, with the way to it: keys and indices.
type leaf struct {
	node *yaml.Node
	way  []any
}

func leavesOf(root *yaml.Node) []leaf {
	var all []leaf
	var walk func(n *yaml.Node, way []any)
	walk = func(n *yaml.Node, way []any) {
		switch {
		case n == nil:
		case len(n.Content) == 0:
			all = append(all, leaf{n, way})
		case n.Kind == yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(n.Content[i+1], append(way[:len(way):len(way)], n.Content[i].Value))
			}
		default:
			for i, c := range n.Content {
				walk(c, append(way[:len(way):len(way)], i))
			}
		}
	}
	walk(root, nil)
	return all
}
