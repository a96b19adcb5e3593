package render

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/rendergate/rendergate/render/terraform"
)

// What only a plan knows is not guessed: the chart is rendered with several
// stand-ins for it, among them nothing at all, and what comes out differently
// is unknown. A stand-in has the type of the chart's own value, and where the
// chart has none, the first type that renders.

// standIn is one choice of stand-ins.
type standIn struct {
	mark  string         // that tells its texts from those of others; empty: nothing stands there
	types map[string]int // by path, of values that the chart gives no type
	whole int            // of all others
	names *[]string      // what they stand for, by their numbers
	seen  *[]unknownValue
}

// unknownValue is a value that only a plan knows, and where it stands.
type unknownValue struct{ path, reference string }

// The types of stand-ins: that of the chart's own value, then what else charts
// ask for.
const (
	asDeclared = iota
	asMap
	asList
	asMaps
	asNumber
	asBool
	asVersion
	typesOfStandIns

	nothing = -1 // as if it were not set
)

// mostSearched bounds the values whose types are looked for one by one.
const mostSearched = 12

type renderWith func(values map[string]any, release string, loose bool) (*Result, error)

// withUnknown renders the chart, with stand-ins for values that nobody knows.
func (c *releaseChart) withUnknown(tree fs.FS, dir string, render renderWith) (*Result, error) {
	if !holds(c.values) && !terraform.HasHole(c.release) {
		return render(c.values, c.release, c.anyValues)
	}
	_, chart, err := assemble(tree, dir)
	if err != nil {
		return nil, err
	}
	defaults, err := chartutil.CoalesceValues(chart, map[string]any{})
	if err != nil {
		return nil, err
	}
	names := new([]string)
	try := func(s standIn) (*Result, error) {
		values, ok := s.value(c.values, map[string]any(defaults), "").(map[string]any)
		if !ok {
			values = map[string]any{}
		}
		release := s.text(c.release)
		if s.mark == "" {
			release = standIn{mark: "a", names: names}.text(c.release)
		}
		return render(values, release, true)
	}
	var unknown []unknownValue
	one, first, err := typed(try, names, &unknown)
	if err != nil {
		return nil, fmt.Errorf("does not render with stand-ins for what "+onlyPlan+" (%s): %w", listed(unknown), err)
	}
	one.mark = "b"
	all := []*Result{first}
	for _, s := range []standIn{one, {names: names}} {
		if r, err := try(s); err == nil {
			all = append(all, r)
		}
	}
	if len(all) < 2 {
		return nil, fmt.Errorf("renders with only one stand-in for what "+onlyPlan+" (%s), so that nobody can tell what depends on it", listed(unknown))
	}
	first.Objects = agreed(all, *names)
	for _, other := range all[1:] {
		first.Drawn = append(first.Drawn, other.Drawn...)
	}
	first.Notes = append(first.Notes, onlyPlan+" "+listed(unknown)+"; what depends on it is unknown")
	return first, nil
}

// typed finds stand-ins with which the chart renders.
func typed(try func(standIn) (*Result, error), names *[]string, unknown *[]unknownValue) (standIn, *Result, error) {
	s := standIn{mark: "a", types: map[string]int{}, names: names, seen: unknown}
	result, err := try(s)
	s.seen = nil
	if err == nil {
		return s, result, nil
	}
	for kind := asMap; kind < typesOfStandIns; kind++ {
		s.whole = kind
		if result, err := try(s); err == nil {
			return s, result, nil
		}
	}
	s.whole = asDeclared
	for _, u := range (*unknown)[:min(len(*unknown), mostSearched)] {
		for kind := asDeclared; kind < typesOfStandIns; kind++ {
			alone := standIn{mark: "a", types: map[string]int{u.path: kind}, whole: nothing, names: names}
			if _, err := try(alone); err == nil {
				s.types[u.path] = kind
				break
			}
		}
	}
	result, again := try(s)
	if again != nil {
		return s, nil, err
	}
	return s, result, nil
}

// listed are the values that nobody knows, for people.
func listed(unknown []unknownValue) string {
	var all []string
	for _, u := range unknown {
		text := u.path
		if u.reference != "" {
			text += " (" + u.reference + ")"
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	const shown = 8
	if len(all) > shown {
		return strings.Join(all[:shown], ", ") + fmt.Sprintf(" and %d more", len(all)-shown)
	}
	return strings.Join(all, ", ")
}

// holds says that something below a value is unknown.
func holds(v any) bool {
	switch v := v.(type) {
	case string:
		return terraform.HasHole(v)
	case []any:
		return slices.ContainsFunc(v, holds)
	case map[string]any:
		for key, below := range v {
			if terraform.HasHole(key) || holds(below) {
				return true
			}
		}
	}
	return false
}

// left is the value of a key that is not set.
type left struct{}

// value is a value with the stand-ins in it; own is the chart's.
func (s *standIn) value(v, own any, at string) any {
	switch v := v.(type) {
	case string:
		if terraform.IsHole(v) {
			s.note(at, v)
			return s.shaped(own, at, referenceOf(v), 0)
		}
		if terraform.HasHole(v) {
			s.note(at, v)
		}
		return s.text(v)
	case []any:
		var items []any
		for i, item := range v {
			below := s.value(item, nil, at+"["+strconv.Itoa(i)+"]")
			if _, out := below.(left); !out {
				items = append(items, below)
			}
		}
		return items
	case map[string]any:
		all := map[string]any{}
		mine, _ := own.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := s.value(v[key], mine[key], strings.TrimPrefix(at+"."+terraform.Shown(key), "."))
			if _, out := below.(left); !out {
				all[s.text(key)] = below
			}
		}
		return all
	}
	return v
}

func (s *standIn) note(at, text string) {
	if s.seen != nil {
		*s.seen = append(*s.seen, unknownValue{at, referenceOf(text)})
	}
}

func referenceOf(text string) string {
	reference := ""
	terraform.ReplaceHoles(text, func(name string) string { reference = name; return "" })
	return reference
}

// text is a text with stand-ins for its unknown parts.
func (s standIn) text(text string) string {
	return terraform.ReplaceHoles(text, s.token)
}

// token is a stand-in for a text: one that may be a name, or a part of one.
func (s standIn) token(reference string) string {
	if s.mark == "" {
		return ""
	}
	n := slices.Index(*s.names, reference)
	if n < 0 {
		n = len(*s.names)
		*s.names = append(*s.names, reference)
	}
	return fmt.Sprintf("rg%s%04dz", s.mark, n)
}

// tokens are the stand-ins in a rendered text.
var tokens = regexp.MustCompile(`rg[ab][0-9]{4}z`)

// standsFor is a rendered text with what its stand-ins stand for.
func standsFor(text string, names []string) string {
	return tokens.ReplaceAllStringFunc(text, func(token string) string {
		n, err := strconv.Atoi(token[3:7])
		if err != nil || n >= len(names) {
			return token
		}
		return "${" + names[n] + "}"
	})
}

// shaped is a stand-in of the type of the chart's own value.
func (s *standIn) shaped(own any, at, reference string, deep int) any {
	kind, chosen := s.types[at]
	if _, isText := own.(string); !chosen && (own == nil || isText || s.whole == nothing) {
		kind = s.whole
	}
	if kind == nothing || s.mark == "" {
		return empty(own)
	}
	token := s.token(reference)
	switch kind {
	case asMap:
		return map[string]any{token: token}
	case asList:
		return []any{token}
	case asMaps:
		return []any{map[string]any{"name": token, token: token}}
	case asNumber:
		return s.number()
	case asBool:
		return s.mark == "a" // one of each: a chart that requires it does not render without
	case asVersion:
		return map[string]string{"a": "1.98.0", "b": "1.99.0"}[s.mark]
	}
	switch own := own.(type) {
	case bool:
		return s.mark == "a"
	case float64, int, int64:
		return s.number()
	case map[string]any:
		if len(own) == 0 || deep > 8 {
			return map[string]any{token: token}
		}
		all := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			all[key] = s.shaped(own[key], at+"."+key, reference, deep+1)
		}
		return all
	case []any:
		if len(own) > 0 && deep < 8 {
			return []any{s.shaped(own[0], at+"[0]", reference, deep+1)}
		}
		return []any{token}
	}
	return token
}

// empty is what stands for a value that may be empty, or may not be set at all.
func empty(own any) any {
	switch own := own.(type) {
	case string:
		return ""
	case bool:
		return false
	case float64, int, int64:
		return 0
	case []any:
		return []any{}
	case map[string]any:
		if len(own) == 0 {
			return own
		}
	}
	return left{}
}

func (s *standIn) number() any { return map[string]int{"a": 7411, "b": 9377}[s.mark] }
