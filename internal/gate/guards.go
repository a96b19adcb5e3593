package gate

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"github.com/rendergate/rendergate/internal/git"
)

// guardNotes tell of a change to what has the change judged: the workflow that
// runs rendergate is head's own, and nothing in it can keep itself from being
// taken out.
func guardNotes(change *git.Change) (notes []string) {
	for _, f := range change.Files {
		what := ""
		switch name := f.Path(); {
		case runsGate(change, f):
			what = "it runs rendergate, and a pull request is judged by its own copy of it; a ruleset or CODEOWNERS can guard it"
		case name == ".github/CODEOWNERS" || name == "CODEOWNERS" || name == "docs/CODEOWNERS":
			what = "it says who is asked for reviews, once it is merged"
		default:
			continue
		}
		verb := "changes "
		if f.NewPath == "" {
			verb = "deletes "
		}
		notes = append(notes, "this change "+verb+f.Path()+": "+what)
	}
	return notes
}

// runsGate says that a workflow or an action of either side names rendergate.
func runsGate(change *git.Change, f git.FileDiff) bool {
	for _, at := range []struct {
		tree *git.Tree
		name string
	}{{change.Base, f.OldPath}, {change.Head, f.NewPath}} {
		ext := path.Ext(at.name)
		if !strings.HasPrefix(at.name, ".github/workflows/") && !strings.HasPrefix(at.name, ".github/actions/") || ext != ".yml" && ext != ".yaml" {
			continue
		}
		// One that cannot be read is told as well: nobody knows that it is not ours.
		if data, err := fs.ReadFile(at.tree, at.name); err != nil || bytes.Contains(data, []byte("rendergate")) {
			return true
		}
	}
	return false
}
