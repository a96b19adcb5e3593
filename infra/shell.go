package infra

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// ShellCommand is a command of a script, as far as its words are plain text.
type ShellCommand struct {
	Name string   // without its folder, and without sudo
	Args []string // empty where a word is only known when it runs
	Line int      // of the script
	Runs string   // the address that it fetches what it runs from; empty where it fetches nothing
	To   string   // the file that its output goes to
}

// isShell says that a text is a script of a shell: it says so itself.
func isShell(text string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(text, " \t\r\n"), "\n")
	if !strings.HasPrefix(first, "#!") {
		return false
	}
	return slices.ContainsFunc(strings.Fields(strings.TrimPrefix(first, "#!")), func(word string) bool {
		return slices.Contains(shells, path.Base(word))
	})
}

var shells = []string{"sh", "bash", "dash", "ash", "zsh"}

var fetchers = []string{"curl", "wget"}

// Commands are the commands of a script, wherever they stand in it. A script
// that no shell would read has none.
func (s Script) Commands() []ShellCommand {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(s.Text), "")
	if err != nil {
		return nil
	}
	var all []ShellCommand
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.Stmt:
			if call, ok := n.Cmd.(*syntax.CallExpr); ok {
				if command, ok := commandOf(call); ok {
					command.To = outputOf(n)
					all = append(all, command)
				}
			}
		case *syntax.BinaryCmd:
			if fetched, ok := fetchedAndRun(n); ok {
				all = append(all, fetched)
			}
		}
		return true
	})
	return all
}

// commandOf is a call without what only stands before the command.
func commandOf(call *syntax.CallExpr) (ShellCommand, bool) {
	words := make([]string, len(call.Args))
	for i, word := range call.Args {
		words[i] = literal(word)
	}
	for len(words) > 0 && slices.Contains([]string{"sudo", "nohup", "exec", "command", "env", "-E", "-n"}, words[0]) {
		words = words[1:]
	}
	if len(words) == 0 || words[0] == "" {
		return ShellCommand{}, false
	}
	c := ShellCommand{Name: path.Base(words[0]), Args: words[1:], Line: int(call.Pos().Line())}
	if slices.Contains(shells, c.Name) || c.Name == "source" || c.Name == "." || c.Name == "eval" {
		c.Runs = substituted(call)
	}
	return c, true
}

// literal is a word's text; empty where a part of it is only known later.
func literal(word *syntax.Word) string {
	var b strings.Builder
	for _, part := range word.Parts {
		if !literalPart(part, &b) {
			return ""
		}
	}
	return b.String()
}

func literalPart(part syntax.WordPart, b *strings.Builder) bool {
	switch p := part.(type) {
	case *syntax.Lit:
		b.WriteString(strings.ReplaceAll(p.Value, "\\", ""))
	case *syntax.SglQuoted:
		b.WriteString(p.Value)
	case *syntax.DblQuoted:
		for _, inner := range p.Parts {
			if !literalPart(inner, b) {
				return false
			}
		}
	default:
		return false
	}
	return true
}

// outputOf is the file that a statement writes.
func outputOf(stmt *syntax.Stmt) string {
	for _, r := range stmt.Redirs {
		if r.Op == syntax.RdrOut || r.Op == syntax.AppOut || r.Op == syntax.RdrAll {
			return literal(r.Word)
		}
	}
	return ""
}

// fetchedAndRun finds curl … | sh, with whatever stands between.
func fetchedAndRun(pipe *syntax.BinaryCmd) (ShellCommand, bool) {
	if pipe.Op != syntax.Pipe && pipe.Op != syntax.PipeAll {
		return ShellCommand{}, false
	}
	last, ok := pipe.Y.Cmd.(*syntax.CallExpr)
	if !ok {
		return ShellCommand{}, false
	}
	runs, ok := commandOf(last)
	if !ok || !slices.Contains(shells, runs.Name) {
		return ShellCommand{}, false
	}
	from := addressIn(pipe.X)
	if from == "" {
		return ShellCommand{}, false
	}
	runs.Runs = from
	return runs, true
}

// substituted is the address that a call's words fetch: bash <(curl …), or
// sh -c "$(curl …)".
func substituted(call *syntax.CallExpr) string {
	found := ""
	for _, word := range call.Args {
		syntax.Walk(word, func(node syntax.Node) bool {
			switch node.(type) {
			case *syntax.ProcSubst, *syntax.CmdSubst:
				if from := addressIn(node); from != "" && found == "" {
					found = from
				}
			}
			return true
		})
	}
	return found
}

// addressIn is what the first fetching command below a node fetches.
func addressIn(node syntax.Node) string {
	found := ""
	syntax.Walk(node, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || found != "" {
			return true
		}
		command, ok := commandOf(call)
		if !ok || !slices.Contains(fetchers, command.Name) {
			return true
		}
		found = "somewhere"
		for _, arg := range command.Args {
			if strings.Contains(arg, "://") {
				found = arg
			}
		}
		return true
	})
	return found
}
