package terraform

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/rendergate/rendergate/render/manifest"
)

// instance is one of those that count or for_each make.
type instance struct {
	key  string // such as [0] or ["a"]; empty where there is only one
	vars map[string]cty.Value
}

// instances are those of a block, found once; of a block that needs itself to
// tell there are none meanwhile.
func (m *module) instances(b *block) []instance {
	all, found := m.made[b]
	if !found {
		m.made[b] = nil
		all = m.counted(b)
		m.made[b] = all
	}
	return all
}

// counted are the instances of a block. Where nobody knows how many there are,
// there is one, of which nobody knows the key.
func (m *module) counted(b *block) []instance {
	s := &scope{m: m}
	if expr := b.attr("count"); expr != nil {
		v := s.eval(expr)
		n, known := wholeNumber(v)
		if !known {
			return []instance{{"[0]", map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.UnknownVal(cty.Number)})}}}
		}
		if n > mostInstances {
			panic(limit{fmt.Errorf("%w: %s has %d instances", errTooLarge, b.labels, n)})
		}
		var all []instance
		for i := range n {
			index := cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(int64(i))})
			all = append(all, instance{"[" + strconv.Itoa(i) + "]", map[string]cty.Value{"count": index}})
		}
		return all
	}
	expr := b.attr("for_each")
	if expr == nil {
		return []instance{{}}
	}
	keys, values, known := keysOf(s.eval(expr))
	if !known {
		each := cty.ObjectVal(map[string]cty.Value{"key": cty.UnknownVal(cty.String), "value": cty.DynamicVal})
		return []instance{{"[*]", map[string]cty.Value{"each": each}}}
	}
	if len(keys) > mostInstances {
		panic(limit{fmt.Errorf("%w: %s has %d instances", errTooLarge, b.labels, len(keys))})
	}
	var all []instance
	for _, key := range keys {
		each := cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(key), "value": values[key]})
		all = append(all, instance{"[" + strconv.Quote(key) + "]", map[string]cty.Value{"each": each}})
	}
	return all
}

// wholeNumber is a count, as a number or as text; true is one, as a condition
// that somebody used as a count.
func wholeNumber(v cty.Value) (int, bool) {
	if !v.IsKnown() || v.IsNull() {
		return 0, false
	}
	switch v.Type() {
	case cty.Number:
		n, _ := v.AsBigFloat().Int64()
		return max(0, int(min(n, 1<<30))), true
	case cty.String:
		n, err := strconv.Atoi(v.AsString())
		return max(0, n), err == nil
	}
	return 0, false
}

// objects adds what a module deploys, and what the modules that it calls do.
func (e *evaluator) objects(m *module) {
	for _, blk := range m.order {
		for _, at := range m.instances(blk) {
			if len(e.result.Objects) > mostObjects {
				panic(limit{errTooLarge})
			}
			if blk.typ == "module" && m.localSource(blk) != "" {
				if child := m.child(blk, at); child != nil {
					e.objects(child)
				}
				continue
			}
			o := m.object(blk, at)
			e.result.Objects = append(e.result.Objects, o)
			if o.APIVersion == Resource && o.Kind == ReleaseType && blk.typ == "resource" {
				e.result.Releases = append(e.result.Releases, m.release(blk, at, o))
			}
		}
	}
}

// object is one instance of a block.
func (m *module) object(blk *block, at instance) *manifest.Object {
	ref := manifest.Ref{APIVersion: Resource, Kind: blk.labels[0], Name: blk.labels[len(blk.labels)-1] + at.key}
	switch blk.typ {
	case "data":
		ref.APIVersion = Data
	case "module":
		ref.Kind = "module"
		m.e.remote = append(m.e.remote, m.qualified(blk.labels[0]))
	}
	ref.Name = m.qualified(ref.Name)
	s := &scope{m: m, vars: at.vars}
	b := &builder{file: blk.file, line: blk.line, written: map[int][]manifest.Site{}}
	b.starts = blk.typ == "data" && strings.HasSuffix(blk.labels[0], "cloudinit_config")
	root := b.body(s, blk)
	if blk.typ == "data" && blk.labels[0] == "aws_iam_policy_document" {
		put(root, "json", blk.line, b.policy(s, root))
	}
	for _, meta := range []string{"count", "for_each"} {
		if expr := blk.attr(meta); expr != nil {
			b.condition(s, blk.line, expr)
		}
	}
	o := manifest.NewObject(ref, manifest.Origin{Path: blk.file, Exact: true}, root)
	o.Written, o.Mentions = b.written, m.mentions(blk)
	if seen, known := m.kubernetes(blk, o); known {
		return seen
	}
	return o
}

func (m *module) qualified(name string) string {
	if m.address == "" {
		return name
	}
	return m.address + "." + name
}
