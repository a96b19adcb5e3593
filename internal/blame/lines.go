package blame

import (
	"strings"

	"github.com/rendergate/rendergate/internal/git"
)

// maxAlign bounds the lines of a hunk that are aligned one to one.
const maxAlign = 400

// lineEdits are the reversals of single lines of a hunk: a changed line back to
// what it was, an added one gone, a deleted one back. Those that take along
// what hangs below them come last.
func lineEdits(file git.FileDiff, index int, base, head []string) []edit {
	h := file.Hunks[index]
	if h.OldLines > maxAlign || h.NewLines > maxAlign {
		return blockEdits(file, index, head)
	}
	whole := hunkEdit(file, index, base)
	added := head[whole.start:whole.end]
	var narrow, wide []edit
	for _, step := range align(whole.lines, added) {
		e := edit{path: file.NewPath, oldPath: file.OldPath, hunk: index, start: whole.start + step.new, end: whole.start + step.new}
		if step.hasNew {
			e.end++
			e.added = [2]int{e.start + 1, e.start + 1}
		}
		if step.hasOld {
			e.lines = whole.lines[step.old : step.old+1]
			e.deleted = [2]int{h.OldStart + step.old, h.OldStart + step.old}
		}
		// Half of a block is another block: what hangs below a key goes with it.
		below := 0
		switch {
		case step.hasNew && !step.hasOld && !isAction(added[step.new]):
			below = hanging(added, step.new)
			e.end += below
		case step.hasOld && !step.hasNew && !isAction(whole.lines[step.old]):
			below = hanging(whole.lines, step.old)
			e.lines = whole.lines[step.old : step.old+1+below]
		}
		if e.block = below > 0; e.block {
			wide = append(wide, e)
		} else {
			narrow = append(narrow, e)
		}
	}
	return append(narrow, wide...)
}

// isAction says that a line is a template's, whose indentation means nothing.
func isAction(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "{{") }

// blockEdits are the outermost blocks of a long run of added lines.
func blockEdits(file git.FileDiff, index int, head []string) []edit {
	h := file.Hunks[index]
	if h.NewLines == 0 {
		return nil
	}
	added := head[h.NewStart-1 : h.NewStart-1+h.NewLines]
	var edits []edit
	for at := 0; at < len(added); at++ {
		below := hanging(added, at)
		start := h.NewStart - 1 + at
		edits = append(edits, edit{path: file.NewPath, oldPath: file.OldPath, hunk: index, start: start, end: start + 1 + below,
			added: [2]int{start + 1, start + 1}, block: below > 0})
	}
	return edits
}

// hanging counts the lines after at that are indented deeper, blank ones
// between them included.
func hanging(lines []string, at int) int {
	depth := indent(lines[at])
	count := 0
	for i := at + 1; i < len(lines); i++ {
		if strings.TrimSpace(lines[i]) == "" {
			continue
		}
		if indent(lines[i]) <= depth {
			break
		}
		count = i - at
	}
	return count
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// aligned is one step from old lines to new ones: a pair, or one of them alone
// at the place of the other.
type aligned struct {
	old, new       int
	hasOld, hasNew bool
}

// Costs of the alignment: a pair of lines must be cheaper than one gone and
// another come only if it plausibly is the same line edited.
const (
	costAlone   = 2
	costEdited  = 1
	costForeign = 5
)

// align finds the cheapest way from old to new lines.
func align(old, added []string) []aligned {
	cost := make([][]int, len(old)+1)
	for i := range cost {
		cost[i] = make([]int, len(added)+1)
	}
	for i := len(old); i >= 0; i-- {
		for j := len(added); j >= 0; j-- {
			switch {
			case i == len(old):
				cost[i][j] = costAlone * (len(added) - j)
			case j == len(added):
				cost[i][j] = costAlone * (len(old) - i)
			default:
				cost[i][j] = min(cost[i+1][j+1]+pairCost(old[i], added[j]), cost[i+1][j]+costAlone, cost[i][j+1]+costAlone)
			}
		}
	}
	var steps []aligned
	for i, j := 0, 0; i < len(old) || j < len(added); {
		switch {
		case i < len(old) && j < len(added) && cost[i][j] == cost[i+1][j+1]+pairCost(old[i], added[j]):
			if old[i] != added[j] {
				steps = append(steps, aligned{old: i, new: j, hasOld: true, hasNew: true})
			}
			i, j = i+1, j+1
		case j < len(added) && cost[i][j] == cost[i][j+1]+costAlone:
			steps = append(steps, aligned{old: i, new: j, hasNew: true})
			j++
		default:
			steps = append(steps, aligned{old: i, new: j, hasOld: true})
			i++
		}
	}
	return steps
}

// pairCost is low for equal lines, and for lines with the same key.
func pairCost(old, added string) int {
	if old == added {
		return 0
	}
	a, b := strings.TrimSpace(old), strings.TrimSpace(added)
	if a == b || key(a) != "" && key(a) == key(b) {
		return costEdited
	}
	return costForeign
}

// key is what stands before a line's colon, list dash included.
func key(line string) string {
	name, _, found := strings.Cut(line, ":")
	if !found {
		return ""
	}
	return name
}
