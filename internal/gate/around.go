package gate

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render/manifest"
)

// surroundings shows the rendered field of a new finding at both sides.
type surroundings struct {
	renames delta.Renames
	redact  manifest.Redactor
	pairs   map[*target][]delta.Pair
	known   map[*target]map[*manifest.Object]*manifest.Object // head's object to base's
}

// maxLines bounds what is shown of one side.
const maxLines = 10

// of is the object around the field, nil where there is nothing to show, or
// nothing that may be shown.
func (s surroundings) of(p placed) *report.Around {
	o := p.Node.Object()
	if p.state != report.New || p.side != report.Head || o == nil || o.GroupKind() == "Secret" {
		return nil
	}
	keys := p.Node.Keys()
	// The mapping that the field stands in says more than the field alone.
	for len(keys) > 0 {
		keys = keys[:len(keys)-1]
		if o.Root.Follow(keys).IsMap() {
			break
		}
	}
	a := &report.Around{Head: s.text(o, keys, p)}
	if a.Head == "" {
		return nil
	}
	if before := s.before(p.target)[o]; before != nil {
		if way, ok := sameWay(o.Root, before.Root, keys); ok {
			a.Base = s.text(before, way, p)
		}
	}
	return a
}

// before maps the objects of a target at head to what they were at base.
func (s surroundings) before(t *target) map[*manifest.Object]*manifest.Object {
	known, ok := s.known[t]
	if ok {
		return known
	}
	known = map[*manifest.Object]*manifest.Object{}
	for _, pair := range s.pairsOf(t) {
		if pair.Base != nil && pair.Head != nil {
			known[pair.Head] = pair.Base
		}
	}
	s.known[t] = known
	return known
}

// pairsOf are the objects of a target at both sides, matched.
func (s surroundings) pairsOf(t *target) []delta.Pair {
	pairs, known := s.pairs[t]
	if !known {
		pairs = delta.Match(t.baseSide.result.Judged(), t.headSide.result.Judged(), s.renames)
		s.pairs[t] = pairs
	}
	return pairs
}

// sameWay follows a way in another object: list items go by their names.
func sameWay(from, to manifest.Node, keys []manifest.Key) ([]manifest.Key, bool) {
	for _, key := range keys {
		if key.Index < 0 {
			from, to = from.Get(key.Name), to.Get(key.Name)
			continue
		}
		from = from.Item(key.Index)
		next := manifest.Node{}
		for item := range to.Items() {
			last := item.Keys()[len(item.Keys())-1]
			if last.Name == key.Name {
				next = item
				break
			}
		}
		if !next.Exists() {
			return nil, false
		}
		to = next
	}
	return to.Keys(), to.Exists()
}

// text is a mapping of an object under its key, without what is long or nested
// and beside the point; empty for one that is too large to be copied.
func (s surroundings) text(o *manifest.Object, keys []manifest.Key, p placed) string {
	at := o.Root.Follow(keys)
	if budget := heaviest; !light(at.YAML(), &budget) {
		return ""
	}
	field := ""
	if own := p.Node.Keys(); len(own) > len(keys) {
		field = own[len(keys)].Name
	}
	for _, levels := range []int{4, 1, 0} {
		shown := s.shown(at, field, levels)
		for i := len(keys) - 1; i >= 0; i-- {
			if keys[i].Index < 0 {
				shown = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: keys[i].Name}, shown}}
				break
			}
			shown = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{shown}}
		}
		lines := strings.SplitAfter(s.redact.Text(written(shown)), "\n")
		if len(lines) <= maxLines+1 {
			return strings.Join(lines, "")
		}
		if levels == 0 {
			return strings.Join(lines[:maxLines], "") + "…\n"
		}
	}
	return ""
}

// shown is a copy of a value, redacted before it is written so that no quoting
// can hide a secret from the redactor. What is nested deeper than asked is left
// out, but the field itself.
func (s surroundings) shown(n manifest.Node, field string, levels int) *yaml.Node {
	y := n.YAML()
	if n.Unknown() {
		y = n.Shown()
	}
	if y == nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	}
	next := &yaml.Node{Kind: y.Kind, Tag: y.Tag, Style: y.Style & yaml.FlowStyle}
	switch {
	case n.IsMap():
		for key, value := range n.Fields() {
			nested := value.IsMap() || value.IsList()
			if nested && levels < 1 && key != field {
				continue
			}
			next.Content = append(next.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: s.redact.Text(key)}, s.shown(value, "", levels-1))
		}
	case n.IsList():
		for item := range n.Items() {
			next.Content = append(next.Content, s.shown(item, "", levels-1))
		}
	default:
		next.Value = s.redact.Text(y.Value)
		if next.Value != y.Value {
			next.Tag = "!!str"
		}
	}
	next.Content = slices.Clip(next.Content)
	return next
}
