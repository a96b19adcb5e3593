package blame

import (
	"strings"

	"github.com/rendergate/rendergate/internal/git"
)

// maxAlign bounds the lines of a hunk that are aligned one to one.
const maxAlign = 400

// lineEdits are the reversals of single lines of a hunk, narrow ones first:
// a changed line back to what it was, an added one gone, a deleted one back;
// then the same with the lines that hang below it.
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
		narrow = append(narrow, e)
		switch below := 0; {
		case step.hasNew && !step.hasOld:
			if below = hanging(added, step.new); below > 0 {
				e.end += below
				e.block = true
				wide = append(wide, e)
			}
		case step.hasOld && !step.hasNew:
			if below = hanging(whole.lines, step.old); below > 0 {
				e.lines = whole.lines[step.old : step.old+1+below]
				e.block = true
				wide = append(wide, e)
			}
		}
	}
	return append(narrow, wide...)
}

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
