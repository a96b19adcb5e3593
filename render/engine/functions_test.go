package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/Masterminds/sprig/v3"
	stock "helm.sh/helm/v3/pkg/engine"

	"github.com/rendergate/rendergate/render/engine"
)

// TestFunctionsAreHelms holds the function set to that of the pinned helm. The
// names to ask about come from sprig and from the text of helm's engine, so a
// function that helm gains is found, and both engines are asked about each.
func TestFunctionsAreHelms(t *testing.T) {
	names := slices.Concat(slices.Collect(maps.Keys(sprig.TxtFuncMap())), helmNames(t), []string{"enterTemplate", "leaveTemplate", "print", "and"})
	slices.Sort(names)
	missing := 0
	for _, name := range slices.Compact(names) {
		text := "-- templates/x.yaml --\n{{ if false }}{{ " + name + " }}{{ end }}\n"
		c, values := load(t, text)
		_, wantErr := stock.Render(c, values)
		_, gotErr := engine.Render(c, values, engine.Options{})
		if (wantErr == nil) != (gotErr == nil) || wantErr != nil && wantErr.Error() != gotErr.Error() {
			t.Errorf("%s: error %v, helm's %v", name, gotErr, wantErr)
		}
		if wantErr != nil {
			missing++
		}
	}
	if want := 4; missing != want { // env, expandenv and our two
		t.Errorf("%d of the names are no function in helm, want %d", missing, want)
	}
}

// helmNames are the names that the source of helm's engine puts into or takes
// out of a function map.
func helmNames(t *testing.T) []string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "helm.sh/helm/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	add := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			name, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
	}
	for _, file := range []string{"funcs.go", "engine.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "pkg", "engine", file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if kind, ok := n.Type.(*ast.SelectorExpr); ok && kind.Sel.Name == "FuncMap" {
					for _, item := range n.Elts {
						add(item.(*ast.KeyValueExpr).Key)
					}
				}
			case *ast.IndexExpr:
				if m, ok := n.X.(*ast.Ident); ok && m.Name == "funcMap" {
					add(n.Index)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "delete" {
					add(n.Args[1])
				}
			}
			return true
		})
	}
	for _, name := range []string{"toYaml", "lookup", "include", "required", "fail", "getHostByName", "env"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not found in helm's source: it is written in another way now, so this test must be too", name)
		}
	}
	return names
}

// TestBuiltinsAreTheLanguages: the parser is told the names of text/template's
// own functions, which it would not tell.
func TestBuiltinsAreTheLanguages(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(root)), "src", "text", "template", "funcs.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		function, ok := n.(*ast.FuncDecl)
		if !ok || function.Name.Name != "builtins" {
			return true
		}
		ast.Inspect(function, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			name, err := strconv.Unquote(pair.Key.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found++
			if _, err := one(t, "{{ if false }}{{ "+name+" }}{{ end }}"); err != nil {
				t.Error(err)
			}
			return true
		})
		return false
	})
	if found < 19 {
		t.Errorf("found %d functions of the language, want at least 19", found)
	}
}
