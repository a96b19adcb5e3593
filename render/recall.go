package render

import (
	"encoding/json"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"
)

// recaller is a tree that remembers the latest of what was made of it, as far
// as there is room: weight is about how many values a thing is made of.
type recaller interface {
	Recall(key string, build func() (value any, weight int)) any
}

// rendered is how a render ended.
type rendered struct {
	result *Result
	err    error
}

// recalled is objectsOf for targets that declare releases: each of these is
// rendered where it is declared, so that the same target is asked for again and
// again. The objects must not be changed; the result itself may be.
func recalled(tree fs.FS, t Target) (*Result, error) {
	r, ok := tree.(recaller)
	key, err := json.Marshal(t)
	if !ok || err != nil {
		return objectsOf(tree, t)
	}
	known := r.Recall(string(key), func() (any, int) {
		result, err := objectsOf(tree, t)
		return rendered{result, err}, result.weight()
	}).(rendered)
	if known.result == nil {
		return nil, known.err
	}
	own := *known.result
	own.Releases, own.Skipped, own.Notes = slices.Clip(own.Releases), slices.Clip(own.Skipped), slices.Clip(own.Notes)
	return &own, known.err
}

// weight counts the values of a result's objects.
func (r *Result) weight() int {
	if r == nil {
		return 1
	}
	count := 1
	var into func(n *yaml.Node)
	into = func(n *yaml.Node) {
		count++
		for _, c := range n.Content {
			into(c)
		}
	}
	for _, o := range r.Judged() {
		if n := o.Root.YAML(); n != nil {
			into(n)
		}
	}
	return count
}
