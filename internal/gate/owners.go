package gate

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/hmarr/codeowners"
)

// ownerFiles are the places of a CODEOWNERS file; the first that is there counts.
// Source: GitHub, About code owners.
var ownerFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// maxOwners is the size from which GitHub reads no CODEOWNERS file.
const maxOwners = 3 << 20

// owners says whose a file is.
type owners struct{ rules codeowners.Ruleset }

// ownersOf reads a tree's CODEOWNERS. A line that means nothing is left out, as
// GitHub does, and noted.
func ownersOf(tree fs.FS) (o owners, notes []string) {
	for _, name := range ownerFiles {
		data, err := fs.ReadFile(tree, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && len(data) > maxOwners {
			err = fmt.Errorf("it is longer than %d MiB", maxOwners>>20)
		}
		if err != nil {
			return o, []string{fmt.Sprintf("%s cannot be read, so nobody is said to own anything: %v", name, err)}
		}
		number := 0
		for line := range strings.Lines(string(data)) {
			number++
			rules, err := codeowners.ParseFile(strings.NewReader(line))
			if err != nil {
				notes = append(notes, fmt.Sprintf("%s:%d is no rule and is left out, as GitHub does", name, number))
				continue
			}
			o.rules = append(o.rules, rules...)
		}
		return o, notes
	}
	return o, nil
}

// of are the owners of a file, none where nobody is named.
func (o owners) of(file string) []string {
	all := []string{}
	if file == "" {
		return all
	}
	rule, err := o.rules.Match(file)
	if err != nil || rule == nil {
		return all
	}
	for _, owner := range rule.Owners {
		all = append(all, owner.String())
	}
	return all
}
