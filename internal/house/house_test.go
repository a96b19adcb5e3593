// Package house holds the rules of this house that no compiler checks.
package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module       = "github.com/rendergate/rendergate"
	longest      = 60  // lines of a function
	longestFile  = 600 // lines of a file
	root         = "../.."
	generatedDir = "testdata"
)

// mayImport lists, for each room, the rooms of this module that it may import.
// What is not listed here is red: rooms are added with a sentence in
// ARCHITECTURE.md.
var mayImport = map[string][]string{
	"render/manifest":       {},
	"internal/git":          {},
	"internal/report":       {},
	"internal/config":       {},
	"internal/waive":        {"internal/config", "checks", "render/manifest"},
	"internal/fix":          {"internal/git", "render", "render/manifest", "render/terraform"},
	"internal/apply":        {"internal/git", "internal/fix", "internal/report"},
	"render/lock":           {},
	"checks":                {"infra", "reach", "render/lock", "render/manifest"},
	"reach":                 {"render/manifest"},
	"render":                {"render/lock", "render/engine", "render/manifest", "render/terraform", "render/cloudformation"},
	"render/terraform":      {"render/manifest"},
	"render/cloudformation": {"render/manifest"},
	"infra":                 {"render/manifest"},
	"render/engine":         {},
	"internal/parity":       {"render", "render/manifest"},
	"internal/fetch":        {"internal/git", "render"},
	"internal/images":       {"internal/fetch", "checks"},
	"internal/delta":        {"checks", "render/manifest"},
	"internal/blame":        {"internal/git", "checks", "internal/delta", "render/manifest"},
	"internal/worker":       {"render", "render/manifest"},
	"internal/gate":         {"internal/images", "internal/policy", "internal/worker", "internal/git", "internal/config", "internal/fetch", "internal/report", "internal/delta", "internal/blame", "internal/fix", "internal/waive", "infra", "checks", "render", "render/manifest"},
	"internal/policy":       {"internal/delta", "checks", "render/manifest"},
	"internal/github":       {"internal/report"},
	"internal/githubtest":   {},
	"internal/charttest":    {},
	"internal/marktest":     {},
	"internal/gittest":      {},
	"internal/house":        {},
	"internal/starter":      {},
	"cmd/rendergate":        {"internal/images", "internal/starter", "internal/worker", "internal/gate", "internal/git", "internal/config", "internal/report", "internal/github", "internal/fetch", "internal/apply", "checks", "render/manifest"},
}

// files visits the Go files of the house.
func files(t *testing.T, visit func(path string, fset *token.FileSet, file *ast.File)) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == generatedDir || strings.HasPrefix(entry.Name(), ".") && entry.Name() != "..") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(strings.TrimPrefix(filepath.ToSlash(path), root+"/"), fset, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFunctionsFitAScreen(t *testing.T) {
	files(t, func(path string, fset *token.FileSet, file *ast.File) {
		if lines := fset.Position(file.End()).Line; lines > longestFile {
			t.Errorf("%s has %d lines, more than %d: split it by idea", path, lines, longestFile)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			function, ok := n.(*ast.FuncDecl)
			if !ok || function.Body == nil {
				return true
			}
			from, to := fset.Position(function.Pos()).Line, fset.Position(function.End()).Line
			if to-from+1 > longest {
				t.Errorf("%s:%d: %s has %d lines, more than %d", path, from, function.Name.Name, to-from+1, longest)
			}
			if function.Name.Name == "init" && function.Recv == nil {
				t.Errorf("%s:%d: init() hides what runs when; use an explicit list", path, from)
			}
			return true
		})
	})
}

func TestImportsPointOneWay(t *testing.T) {
	files(t, func(path string, _ *token.FileSet, file *ast.File) {
		room := filepath.ToSlash(filepath.Dir(path))
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("%s is in a room that nobody planned; add it to ARCHITECTURE.md and to this test", path)
		}
		for _, name := range []string{"util", "utils", "common", "helpers", "misc", "shared"} {
			if filepath.Base(room) == name || file.Name.Name == name {
				t.Errorf("%s: %s is no idea", path, name)
			}
		}
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, spec := range file.Imports {
			imported, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
			if ours && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s, which %s may not", path, imported, room)
			}
		}
	})
}

// TestNoDroppedErrors finds errors that are assigned to nothing; errcheck, in
// CI, finds those that are not assigned at all.
func TestNoDroppedErrors(t *testing.T) {
	files(t, func(path string, fset *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			assign, ok := n.(*ast.AssignStmt)
			if !ok || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
				return true
			}
			left, blank := assign.Lhs[0].(*ast.Ident)
			if right, isName := assign.Rhs[0].(*ast.Ident); blank && left.Name == "_" && isName && strings.HasPrefix(strings.ToLower(right.Name), "err") {
				t.Errorf("%s: an error is dropped", fset.Position(assign.Pos()))
			}
			return true
		})
	})
}

// TestChecksKnowNoRenderer holds also over what is imported indirectly.
func TestChecksKnowNoRenderer(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"/checks").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "helm.sh/") || strings.HasPrefix(line, "sigs.k8s.io/kustomize/") || strings.HasPrefix(line, module+"/internal/") || line == module+"/render" {
			t.Errorf("checks depend on %s", line)
		}
	}
}
