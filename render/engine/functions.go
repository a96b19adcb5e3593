package engine

import (
	"fmt"
	"maps"
	"slices"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// functions is the function set of helm v3, for one render: sprig's without
// those that read the environment, and helm's own. A test holds it to the
// pinned helm.
func functions(r *run, root *template.Template) template.FuncMap {
	f := sprig.TxtFuncMap()
	delete(f, "env")
	delete(f, "expandenv")
	maps.Copy(f, conversions())
	maps.Copy(f, template.FuncMap{
		"required": required, "fail": fail,
		// As without a cluster, and without leave to ask name servers.
		"lookup":        func(string, string, string, string) (map[string]any, error) { return map[string]any{}, nil },
		"getHostByName": func(string) string { return "" },
		// text/template's own, so that they are bounded like the others.
		"print": fmt.Sprint, "printf": fmt.Sprintf, "println": fmt.Sprintln,
		// sprig's go through a map in any order.
		"keys": keys, "values": values,
	})
	maps.Copy(f, r.callers(root))
	maps.Copy(f, r.chances())
	maps.Copy(f, r.certificates())
	atClock(f)
	bound(f)
	return f
}

func keys(dicts ...map[string]any) []string {
	all := []string{}
	for _, m := range dicts {
		all = append(all, slices.Sorted(maps.Keys(m))...)
	}
	return all
}

func values(m map[string]any) []any {
	all := []any{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		all = append(all, m[key])
	}
	return all
}
