package engine

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template"
)

// Bounds of one render. Each is far beyond what charts do; a chart that
// exceeds one gets an error where helm would run out of memory or stack. Time
// is not bounded here: only a process that can be killed bounds an endless
// range.
const (
	maxInclude = 1000      // helm's: the same name within itself
	maxTpl     = 1000      // tpl within the text of tpl
	maxOutput  = 256 << 20 // bytes written by all templates, includes counted again
	maxText    = 32 << 20  // bytes of one result of a function
	maxItems   = 1 << 20   // numbers or items that one function makes
	maxActions = 100_000   // actions in one text
	maxLoad    = 100_000   // levels of nodes under execution, about a kilobyte of stack each
	callWeight = 8         // levels that an include or tpl takes by itself
	maxCached  = 32 << 20  // estimated bytes of parsed templates, a generation
	maxDepth   = 10_000    // levels of data
	maxMessage = 8 << 10   // bytes of an error
)

// The functions that guard puts around templates.
const enterFunction, leaveFunction = "enterTemplate", "leaveTemplate"

var (
	errTooMuch  = fmt.Errorf("the chart's templates write more than %d MiB", maxOutput>>20)
	errDeep     = errors.New("templates call each other without end, or too deeply")
	errCircular = errors.New("the value contains itself")
)

func tooLong(bytes int) error {
	return fmt.Errorf("makes a text of %d MiB, more than %d", bytes>>20, maxText>>20)
}

func tooMany() error { return fmt.Errorf("makes more than %d items", maxItems) }

// deeper takes stack that execute, or leave, gives back.
func (r *run) deeper(weight int) error {
	if r.load+weight > maxLoad {
		return errDeep
	}
	r.load += weight
	return nil
}

func (r *run) enter(weight int) (string, error) { return "", r.deeper(weight) }

func (r *run) leave(weight int) string {
	r.load -= weight
	return ""
}

// bound puts bounds on functions: on the result of each that makes text, so
// that none can double a text for ever, and beforehand on those that can make
// something huge out of a little.
func bound(f template.FuncMap) {
	boundCounts(f)
	boundTexts(f)
	boundData(f)
	for name, function := range f {
		f[name] = sized(function)
	}
}

// sized fails when a text is too long. It knows the signatures by heart, since
// a wrapper made by reflection would be slow.
func sized(function any) any {
	check := func(text string) (string, error) {
		if len(text) > maxText {
			return "", tooLong(len(text))
		}
		return text, nil
	}
	switch f := function.(type) {
	case func(string) string:
		return func(a string) (string, error) { return check(f(a)) }
	case func(string, string) string:
		return func(a, b string) (string, error) { return check(f(a, b)) }
	case func(string, string, string) string:
		return func(a, b, c string) (string, error) { return check(f(a, b, c)) }
	case func(int, string) string:
		return func(a int, b string) (string, error) { return check(f(a, b)) }
	case func(any) string:
		return func(a any) (string, error) { return check(f(a)) }
	case func(...any) string:
		return func(a ...any) (string, error) { return check(f(a...)) }
	case func(string, any) string:
		return func(a string, b any) (string, error) { return check(f(a, b)) }
	case func(string, ...any) string:
		return func(a string, b ...any) (string, error) { return check(f(a, b...)) }
	}
	return function
}

// boundCounts bounds the functions that make as many things as a number says.
func boundCounts(f template.FuncMap) {
	until, untilStep, seq := f["until"].(func(int) []int), f["untilStep"].(func(int, int, int) []int), f["seq"].(func(...int) string)
	f["until"] = func(count int) ([]int, error) {
		if steps(0, count, 1) > maxItems {
			return nil, tooMany()
		}
		return until(count), nil
	}
	f["untilStep"] = func(start, stop, step int) ([]int, error) {
		if steps(start, stop, step) > maxItems {
			return nil, tooMany()
		}
		return untilStep(start, stop, step), nil
	}
	f["seq"] = func(params ...int) (string, error) {
		start, stop, step := 1, 1, 1
		switch len(params) {
		case 1:
			stop = params[0]
		case 2:
			start, stop = params[0], params[1]
		case 3:
			start, step, stop = params[0], params[1], params[2]
		}
		if steps(start, stop, step) > maxItems {
			return "", tooMany()
		}
		return seq(params...), nil
	}
}

// steps is how many steps lie between two numbers, or too many where counting
// them could overflow.
func steps(start, stop, step int) int {
	const huge = 1 << 40
	for _, n := range []int{start, stop, step} {
		if n > huge || n < -huge {
			return maxItems + 1
		}
	}
	if step == 0 {
		return 0
	}
	n := (stop - start) / step
	return max(n, -n)
}

// boundTexts bounds the functions that repeat a text.
func boundTexts(f template.FuncMap) {
	type pad = func(int, string) string
	fits := func(bytes int, made func() string) (string, error) {
		if bytes > maxText || bytes < 0 {
			return "", tooLong(max(bytes, maxText))
		}
		return made(), nil
	}
	repeat, replace, wrapWith := f["repeat"].(pad), f["replace"].(func(string, string, string) string), f["wrapWith"].(func(int, string, string) string)
	f["repeat"] = func(count int, text string) (string, error) {
		return fits(times(count, len(text)), func() string { return repeat(count, text) })
	}
	for _, name := range []string{"indent", "nindent"} {
		indent := f[name].(pad)
		f[name] = func(spaces int, text string) (string, error) {
			return fits(times(spaces, 1+strings.Count(text, "\n")), func() string { return indent(spaces, text) })
		}
	}
	f["replace"] = func(old, with, text string) (string, error) {
		return fits(times(len(with), strings.Count(text, old)), func() string { return replace(old, with, text) })
	}
	f["wrapWith"] = func(length int, separator, text string) (string, error) {
		return fits(times(len(separator), len(text)/max(length, 1)), func() string { return wrapWith(length, separator, text) })
	}
	for _, name := range []string{"regexReplaceAll", "regexReplaceAllLiteral"} {
		replaceAll := f[name].(func(string, string, string) string)
		f[name] = func(pattern, text, with string) (string, error) {
			return fits(times(len(text)/16, len(with)/16), func() string { return replaceAll(pattern, text, with) })
		}
		mustReplaceAll := f["mustR"+name[1:]].(func(string, string, string) (string, error))
		f["mustR"+name[1:]] = func(pattern, text, with string) (string, error) {
			if n := times(len(text)/16, len(with)/16); n > maxText {
				return "", tooLong(n)
			}
			return mustReplaceAll(pattern, text, with)
		}
	}
}

// times is a product, or more than any text may have where it would overflow. A
// negative count is left to the function, which has its own words for it.
func times(count, each int) int {
	if count <= 0 || each <= 0 {
		return 0
	}
	if count > maxText || each > maxText {
		return maxText + 1
	}
	return count * each
}

// boundData bounds the functions that copy what values hold.
func boundData(f template.FuncMap) {
	join, concat := f["join"].(func(string, any) string), f["concat"].(func(...any) any)
	f["join"] = func(separator string, list any) (string, error) {
		if n := joined(separator, list); n > maxText {
			return "", tooLong(n)
		}
		return join(separator, list), nil
	}
	f["concat"] = func(lists ...any) (any, error) {
		total := 0
		for _, list := range lists {
			if v := reflect.ValueOf(list); v.Kind() == reflect.Slice {
				total += v.Len()
			}
		}
		if total > maxItems {
			return nil, tooMany()
		}
		return concat(lists...), nil
	}
	deepCopy := f["mustDeepCopy"].(func(any) (any, error))
	for _, name := range []string{"deepCopy", "mustDeepCopy"} {
		f[name] = func(value any) (any, error) {
			if circular(value) {
				return nil, errCircular
			}
			return deepCopy(value)
		}
	}
}

// joined is about how long a joined list becomes.
func joined(separator string, list any) int {
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice {
		return 0
	}
	total := times(len(separator), v.Len())
	for i := 0; i < v.Len() && total <= maxText; i++ {
		item := v.Index(i)
		if item.Kind() == reflect.Interface {
			item = item.Elem()
		}
		if item.Kind() == reflect.String {
			total += item.Len()
		}
	}
	return total
}

// circular says that a value contains itself, which templates can bring about
// with set, or is so deep or so large that following it would not end well.
func circular(value any) bool {
	items := maxItems
	return endless(reflect.ValueOf(value), maxDepth, &items)
}

func endless(v reflect.Value, levels int, items *int) bool {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if *items--; levels == 0 || *items < 0 {
		return true
	}
	switch v.Kind() {
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if endless(it.Value(), levels-1, items) {
				return true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if endless(v.Index(i), levels-1, items) {
				return true
			}
		}
	}
	return false
}
