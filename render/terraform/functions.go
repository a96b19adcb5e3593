package terraform

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"sigs.k8s.io/yaml"
)

// functions are all that expressions may call. What nobody here has is unknown.
func (e *evaluator) functions() map[string]function.Function {
	if e.known == nil {
		e.known = pure()
		for name, f := range e.reading() {
			e.known[name] = f
		}
		e.known["templatefile"] = e.templatefile()
		for _, name := range slices.Collect(maps.Keys(e.known)) {
			e.known["core::"+name] = e.known[name]
		}
	}
	return e.known
}

// pure are the functions that only their arguments decide.
func pure() map[string]function.Function {
	return map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "chomp": stdlib.ChompFunc, "chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc,
		"coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
		"csvdecode": stdlib.CSVDecodeFunc, "distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc,
		"format": narrow(stdlib.FormatFunc), "formatlist": narrow(stdlib.FormatListFunc), "indent": stdlib.IndentFunc, "join": stdlib.JoinFunc, "jsondecode": stdlib.JSONDecodeFunc,
		"jsonencode": stdlib.JSONEncodeFunc, "keys": stdlib.KeysFunc, "length": length, "log": stdlib.LogFunc, "lookup": lookup, "lower": stdlib.LowerFunc,
		"max": stdlib.MaxFunc, "merge": stdlib.MergeFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc, "range": stdlib.RangeFunc,
		"regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "replace": replace, "reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setproduct": few(stdlib.SetProductFunc), "setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "signum": stdlib.SignumFunc,
		"slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc,
		"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
		"values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
		"tonumber": stdlib.MakeToFunc(cty.Number), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),
		"try": tryfunc.TryFunc, "can": tryfunc.CanFunc,
		"base64encode": onText(func(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil }),
		"base64decode": onText(func(s string) (string, error) {
			plain, err := base64.StdEncoding.DecodeString(s)
			return string(plain), err
		}),
		"basename": onText(func(s string) (string, error) { return path.Base(s), nil }), "dirname": onText(func(s string) (string, error) { return path.Dir(s), nil }),
		"abspath":    onText(func(s string) (string, error) { return s, nil }),
		"startswith": ofTexts(strings.HasPrefix), "endswith": ofTexts(strings.HasSuffix), "strcontains": ofTexts(strings.Contains),
		"alltrue": quantified(true), "anytrue": quantified(false), "one": one, "sum": sum, "yamldecode": yamldecode, "yamlencode": yamlencode,
		"sensitive": same, "nonsensitive": same, "ephemeralasnull": unknown, "issensitive": unknown,
		"base64gzip": unknown, "bcrypt": unknown, "cidrhost": unknown, "cidrnetmask": unknown, "cidrsubnet": unknown, "cidrsubnets": unknown, "filemd5": unknown,
		"filesha1": unknown, "filesha256": unknown, "filesha512": unknown, "filebase64sha256": unknown, "filebase64sha512": unknown, "formatdate": unknown,
		"index": unknown, "list": unknown, "map": unknown, "matchkeys": unknown, "md5": unknown, "pathexpand": unknown, "plantimestamp": unknown, "rsadecrypt": unknown,
		"sha1": unknown, "sha256": unknown, "sha512": unknown, "base64sha256": unknown, "base64sha512": unknown, "textencodebase64": unknown,
		"textdecodebase64": unknown, "timeadd": unknown, "timecmp": unknown, "timestamp": unknown, "transpose": unknown, "type": unknown, "urlencode": unknown,
		"urldecode": unknown, "uuid": unknown, "uuidv5": unknown,
	}
}

// any number of arguments of any type, known or not.
var anything = function.Parameter{Name: "values", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true}

func fixed(value func(args []cty.Value) (cty.Value, error), params ...function.Parameter) function.Function {
	return function.New(&function.Spec{Params: params, Type: function.StaticReturnType(cty.DynamicPseudoType), Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return value(args) }})
}

var (
	text    = function.Parameter{Name: "text", Type: cty.String}
	dynamic = function.Parameter{Name: "value", Type: cty.DynamicPseudoType}

	// unknown stands for what nobody here computes.
	unknown = function.New(&function.Spec{
		VarParam: &anything, Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.DynamicVal, nil },
	})
	same = fixed(func(args []cty.Value) (cty.Value, error) { return args[0], nil }, anything)
	one  = fixed(func(args []cty.Value) (cty.Value, error) {
		if !args[0].CanIterateElements() {
			return cty.DynamicVal, nil
		}
		switch args[0].LengthInt() {
		case 0:
			return cty.NullVal(cty.DynamicPseudoType), nil
		case 1:
			it := args[0].ElementIterator()
			it.Next()
			_, v := it.Element()
			return v, nil
		}
		return cty.DynamicVal, errors.New("more than one element")
	}, dynamic)
	sum = fixed(func(args []cty.Value) (cty.Value, error) {
		total := cty.Zero
		for _, v := range elements(args[0]) {
			n, err := convert.Convert(v, cty.Number)
			if err != nil || !n.IsKnown() || n.IsNull() {
				return cty.DynamicVal, err
			}
			total = total.Add(n)
		}
		return total, nil
	}, dynamic)
	length = fixed(func(args []cty.Value) (cty.Value, error) {
		if args[0].Type() == cty.String {
			return stdlib.Strlen(args[0])
		}
		if !args[0].CanIterateElements() {
			return cty.DynamicVal, nil
		}
		return args[0].Length(), nil
	}, dynamic)
	replace = fixed(func(args []cty.Value) (cty.Value, error) {
		if from := args[1].AsString(); len(from) > 1 && strings.HasPrefix(from, "/") && strings.HasSuffix(from, "/") {
			return stdlib.RegexReplace(args[0], cty.StringVal(from[1:len(from)-1]), args[2])
		}
		return stdlib.Replace(args[0], args[1], args[2])
	}, text, text, text)
	yamldecode = fixed(func(args []cty.Value) (cty.Value, error) {
		data, err := yaml.YAMLToJSON([]byte(args[0].AsString()))
		if err != nil {
			return cty.DynamicVal, err
		}
		typ, err := ctyjson.ImpliedType(data)
		if err != nil {
			return cty.DynamicVal, err
		}
		return ctyjson.Unmarshal(data, typ)
	}, text)
	yamlencode = fixed(func(args []cty.Value) (cty.Value, error) {
		if !args[0].IsWhollyKnown() {
			return cty.DynamicVal, nil
		}
		data, err := ctyjson.Marshal(args[0], args[0].Type())
		if err != nil {
			return cty.DynamicVal, err
		}
		plain, err := yaml.JSONToYAML(data)
		return cty.StringVal(string(plain)), err
	}, anything)
	// lookup is Terraform's, whose default may be left out.
	lookup = function.New(&function.Spec{
		Params: []function.Parameter{dynamic, text}, VarParam: &anything, Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].CanIterateElements() || !args[0].Type().IsObjectType() && !args[0].Type().IsMapType() {
				return cty.DynamicVal, nil
			}
			if v, has := args[0].AsValueMap()[args[1].AsString()]; has {
				return v, nil
			}
			if len(args) > 2 {
				return args[2], nil
			}
			return cty.DynamicVal, errors.New("there is no such key")
		},
	})
)

func elements(v cty.Value) []cty.Value {
	var all []cty.Value
	if v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			all = append(all, element)
		}
	}
	return all
}

func onText(f func(string) (string, error)) function.Function {
	return fixed(func(args []cty.Value) (cty.Value, error) {
		out, err := f(args[0].AsString())
		return cty.StringVal(out), err
	}, text)
}

func ofTexts(f func(a, b string) bool) function.Function {
	return fixed(func(args []cty.Value) (cty.Value, error) {
		return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
	}, text, text)
}

// quantified is alltrue, or anytrue. What is unknown decides nothing unless
// another element does.
func quantified(every bool) function.Function {
	return fixed(func(args []cty.Value) (cty.Value, error) {
		result := cty.BoolVal(every)
		for _, v := range elements(args[0]) {
			b, err := convert.Convert(v, cty.Bool)
			switch {
			case err != nil:
				return cty.DynamicVal, err
			case !b.IsKnown():
				result = cty.UnknownVal(cty.Bool)
			case b.IsNull() || b.True() != every:
				if b.IsNull() && !every {
					continue
				}
				return cty.BoolVal(!every), nil
			}
		}
		return result, nil
	}, dynamic)
}

// wide is a width in a format that would fill the memory.
var wide = regexp.MustCompile(`%[-+ #0]*(\[\d+\])?(\d{4,}|\*)|\.\d{4,}`)

// narrow refuses formats that make much of little.
func narrow(f function.Function) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{text}, VarParam: &anything, Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if wide.MatchString(args[0].AsString()) {
				return cty.DynamicVal, errTooLarge
			}
			return f.Call(args)
		},
	})
}

// few refuses products that are larger than anybody deploys.
func few(f function.Function) function.Function {
	return function.New(&function.Spec{
		VarParam: &dynamic, Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			product := 1
			for _, v := range args {
				if !v.CanIterateElements() {
					return cty.DynamicVal, nil
				}
				if product *= max(1, v.LengthInt()); product > 100*mostInstances {
					return cty.DynamicVal, errTooLarge
				}
			}
			return f.Call(args)
		},
	})
}

// reading are the functions that read files, of the tree alone.
func (e *evaluator) reading() map[string]function.Function {
	read := func(name string) (string, error) {
		at, ok := e.inTree(name)
		if !ok {
			return "", fs.ErrNotExist
		}
		data, err := fs.ReadFile(e.tree, at)
		if err == nil && len(data) > mostFile {
			err = errTooLarge
		}
		return string(data), err
	}
	return map[string]function.Function{
		"file": onText(read),
		"filebase64": onText(func(name string) (string, error) {
			data, err := read(name)
			return base64.StdEncoding.EncodeToString([]byte(data)), err
		}),
		"fileexists": fixed(func(args []cty.Value) (cty.Value, error) {
			at, ok := e.inTree(args[0].AsString())
			if !ok {
				return cty.DynamicVal, nil
			}
			info, err := fs.Stat(e.tree, at)
			return cty.BoolVal(err == nil && !info.IsDir()), nil
		}, text),
		"fileset": fixed(func(args []cty.Value) (cty.Value, error) {
			at, ok := e.inTree(args[0].AsString())
			if !ok {
				return cty.DynamicVal, nil
			}
			return e.fileset(at, args[1].AsString())
		}, text, text),
	}
}

// inTree is the path of a file in the tree, as Terraform would find it from the
// root module's folder; path.module and its like begin with a slash here.
func (e *evaluator) inTree(name string) (string, bool) {
	if rest, absolute := strings.CutPrefix(name, "/"); absolute {
		name = path.Clean(rest)
	} else {
		name = path.Join(e.root, name)
	}
	return name, fs.ValidPath(name)
}

// mostFiles bounds the files that fileset looks at.
const mostFiles = 10_000

func (e *evaluator) fileset(dir, pattern string) (cty.Value, error) {
	expr, err := regexp.Compile(globExpression(pattern))
	if err != nil {
		return cty.DynamicVal, err
	}
	var names []cty.Value
	seen := 0
	err = fs.WalkDir(e.tree, dir, func(name string, entry fs.DirEntry, err error) error {
		if seen++; err != nil || seen > mostFiles {
			return errors.Join(err, fs.ErrInvalid)
		}
		rest := strings.TrimPrefix(name, dir+"/")
		if !entry.IsDir() && expr.MatchString(rest) {
			names = append(names, cty.StringVal(rest))
		}
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return cty.SetValEmpty(cty.String), nil
	case err != nil:
		return cty.DynamicVal, err
	case len(names) == 0:
		return cty.SetValEmpty(cty.String), nil
	}
	return cty.SetVal(names), nil
}

// globExpression is a pattern of fileset as an expression.
func globExpression(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case strings.HasPrefix(pattern[i:], "**/"):
			b.WriteString("(.*/)?")
			i += 2
		case strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i++
		case c == '*':
			b.WriteString("[^/]*")
		case c == '?':
			b.WriteString("[^/]")
		case c == '{':
			b.WriteString("(")
		case c == '}':
			b.WriteString(")")
		case c == ',':
			b.WriteString("|")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return "^(" + b.String() + ")$"
}

// templatefile fills a file in. The template sees only what it is given, and no
// template fills in another.
func (e *evaluator) templatefile() function.Function {
	return fixed(func(args []cty.Value) (cty.Value, error) {
		name, ok := e.inTree(args[0].AsString())
		if !ok {
			return cty.DynamicVal, nil
		}
		data, err := fs.ReadFile(e.tree, name)
		if err != nil {
			return cty.DynamicVal, err
		}
		if err := guard(data); err != nil {
			return cty.DynamicVal, err
		}
		expr, diags := hclsyntax.ParseTemplate(data, name, hcl.InitialPos)
		if diags.HasErrors() || loops(expr) > mostLoops || !args[1].CanIterateElements() {
			return cty.DynamicVal, nil
		}
		ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: pure()}
		if typ := args[1].Type(); typ.IsObjectType() || typ.IsMapType() {
			ctx.Variables = args[1].AsValueMap()
		}
		for _, t := range expr.Variables() {
			if _, has := ctx.Variables[t.RootName()]; !has {
				return cty.DynamicVal, nil
			}
		}
		v, diags := expr.Value(ctx)
		if diags.HasErrors() {
			return cty.DynamicVal, nil
		}
		return v, nil
	}, text, anything)
}

// keysOf are the keys of a known collection for for_each, sorted.
func keysOf(v cty.Value) ([]string, map[string]cty.Value, bool) {
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return nil, nil, false
	}
	values := map[string]cty.Value{}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if v.Type().IsSetType() || v.Type().IsTupleType() || v.Type().IsListType() {
			key = value
		}
		key, err := convert.Convert(key, cty.String)
		if err != nil || !key.IsKnown() || key.IsNull() {
			return nil, nil, false
		}
		values[key.AsString()] = value
	}
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys, values, true
}
