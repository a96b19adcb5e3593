package engine

import (
	"fmt"
	"reflect"
	"slices"
)

// sameAs are the functions whose result is their argument in another form, by
// where that argument stands: the last one, or the first.
var sameAsLast = map[string]bool{
	"toYaml": true, "toYamlPretty": true, "toJson": true, "mustToJson": true, "toPrettyJson": true, "toRawJson": true,
	"fromYaml": true, "fromJson": true, "fromYamlArray": true, "fromJsonArray": true, "mustFromJson": true,
	"deepCopy": true, "mustDeepCopy": true, "quote": true, "squote": true, "toString": true, "required": true,
	"indent": true, "nindent": true, "trim": true, "trimSuffix": true, "trimPrefix": true, "trimAll": true, "trunc": true,
	"lower": true, "upper": true, "title": true, "int": true, "int64": true, "float64": true, "toDecimal": true,
	"b64enc": true, "b64dec": true,
}

var sameAsFirst = map[string]bool{"omit": true, "pick": true, "unset": true}

// function is what a function makes of its arguments, as far as it matters
// where values come from.
func (t *tracer) function(name string, args []*origin) *origin {
	n := len(args)
	switch {
	case n == 0:
		return &origin{}
	case sameAsLast[name]:
		return args[n-1]
	case sameAsFirst[name]:
		return args[0]
	}
	switch name {
	case "default":
		return chosen([]*origin{args[n-1], args[0]})
	case "coalesce", "or":
		return chosen(args)
	case "ternary":
		return choice(args)
	case "index", "get", "first", "mustFirst", "dig":
		return t.picked(name, args)
	case "dict":
		return dict(args)
	case "list", "tuple":
		return list(args)
	case "set":
		return set(args)
	case "merge", "mustMerge":
		return &origin{merged: args, reads: union(args...).reads, calls: union(args...).calls}
	case "mergeOverwrite", "mustMergeOverwrite":
		args = slices.Clone(args)
		slices.Reverse(args)
		return &origin{merged: args, reads: union(args...).reads, calls: union(args...).calls}
	}
	return union(args...)
}

// union knows what took part, and nothing of the result.
func union(parts ...*origin) *origin {
	o := &origin{}
	for _, part := range parts {
		o.take(part)
	}
	return o
}

func (o *origin) take(part *origin) {
	for _, read := range part.reads {
		if len(o.reads) < mostReads && !slices.ContainsFunc(o.reads, read.same) {
			o.reads = append(o.reads, read)
		}
	}
	for _, ref := range part.calls {
		if len(o.calls) < mostReads && !slices.Contains(o.calls, ref) {
			o.calls = append(o.calls, ref)
		}
	}
}

func (r Read) same(other Read) bool {
	return r.Chart == other.Chart && slices.Equal(r.Keys, other.Keys)
}

// chosen is the first that is not empty. Those that were passed over come last:
// another value of theirs would win.
func chosen(from []*origin) *origin {
	for i, o := range from {
		if !o.sure || empty(o.value) {
			if !o.sure {
				break
			}
			continue
		}
		result := *o
		result.reads = slices.Clip(result.reads)
		for _, passed := range from[:i] {
			result.take(passed)
		}
		return &result
	}
	if len(from) > 0 && from[0].sure {
		// All are empty, or one that nobody knows comes after empty ones.
		rest := slices.Clone(from[1:])
		return union(append(rest, from[0])...)
	}
	return union(from...)
}

func empty(value any) bool {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Map, reflect.Slice, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// choice is ternary.
func choice(args []*origin) *origin {
	if len(args) != 3 {
		return union(args...)
	}
	yes, no, decides := args[0], args[1], args[2]
	if truth, ok := decides.value.(bool); ok && decides.sure {
		result := *yes
		if !truth {
			result = *no
		}
		result.reads = slices.Clip(result.reads)
		result.take(decides)
		return &result
	}
	return union(args...)
}

// picked is a part of a map or list that a function names.
func (t *tracer) picked(name string, args []*origin) *origin {
	from, keys := args[0], args[1:]
	switch name {
	case "first", "mustFirst":
		return t.step(from, "0")
	case "dig":
		if len(args) < 3 {
			return union(args...)
		}
		from, keys = args[len(args)-1], args[:len(args)-2]
	}
	for _, key := range keys {
		if !key.sure {
			return union(args...)
		}
		from = t.step(from, fmt.Sprint(key.value))
	}
	if name == "dig" {
		return chosen([]*origin{from, args[len(args)-2]})
	}
	return from
}

func dict(args []*origin) *origin {
	o := union(args...)
	o.fields = map[string]*origin{}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i].sure {
			o.fields[fmt.Sprint(args[i].value)] = args[i+1]
		}
	}
	return o
}

func list(args []*origin) *origin {
	o := union(args...)
	o.fields = map[string]*origin{}
	for i, arg := range args {
		o.fields[fmt.Sprint(i)] = arg
	}
	return o
}

// set changes the map itself, whoever holds it.
func set(args []*origin) *origin {
	if len(args) == 3 && args[0].fields != nil && args[1].sure {
		args[0].fields[fmt.Sprint(args[1].value)] = args[2]
	}
	return args[0]
}
