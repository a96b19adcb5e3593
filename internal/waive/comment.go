package waive

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/internal/config"
)

// Comment is a comment that silences checks at the line that it stands on, or,
// where it stands alone, at the next line that says something; and in the block
// that this line opens.
type Comment struct {
	Line        int // of the comment itself
	Anchor, End int // the lines that it is about
	Notation    string
	Names       []string // of checks
	Reason      string   // empty where none is given
	Expires     config.Date
	Own         bool // rendergate's own notation, which must give a reason
}

// About says that the comment is about a line. Of a line that only decides
// whether another is there, it must be that very line.
func (c Comment) About(line int, exactly bool) bool {
	return line == c.Line || line == c.Anchor || !exactly && line > c.Anchor && line <= c.End
}

// own is the notation of rendergate's comments.
const own = "rendergate:ignore"

// marks are what comments that count begin with.
var marks = [][]byte{[]byte(own), []byte("trivy:ignore:"), []byte("checkov:skip="), []byte("bridgecrew:skip="), []byte("cortex:skip=")}

// What is read of a file, which the pull request may have written.
const (
	maxSource   = 1 << 20
	maxNames    = 32
	maxComments = 1000
)

// Marked says that a text may hold comments that count.
func Marked(data []byte) bool {
	for _, mark := range marks {
		if bytes.Contains(data, mark) {
			return true
		}
	}
	return false
}

// Comments reads a source: YAML, or a template of it.
func Comments(data []byte) []Comment {
	if len(data) > maxSource || !Marked(data) {
		return nil
	}
	p := page{lines: strings.Split(string(data), "\n")}
	p.classify()
	var all []Comment
	for i := range p.lines {
		for _, c := range p.comments(i) {
			c.Line = i + 1
			c.Anchor = p.anchor(i)
			c.End = p.end(c.Anchor)
			if all = append(all, c); len(all) == maxComments {
				return all
			}
		}
	}
	return all
}

// role is what a line is to its neighbours.
type role int

const (
	says    role = iota // it has content of its own
	silent              // blank, or nothing but a comment
	control             // a template action that writes nothing
	border              // the end of a document
)

// page is a source with what is known of each line.
type page struct {
	lines  []string
	roles  []role
	inside []bool // within a template comment that an earlier line opened
	depths []int  // how far the line, or what it writes, is indented; -1 where nobody can say
	items  []bool // it begins an item of a list
	first  int    // the first line that has content or ends a document
}

var (
	controls = regexp.MustCompile(`^\{\{-?\s*(if|else|end|range|with|define|block|template|break|continue|\$\w*\s*:?=)\b?[^}]*\}\}$`)
	comment  = regexp.MustCompile(`^\{\{-?\s*/\*.*\*/\s*-?\}\}$`)
	written  = regexp.MustCompile(`\bn?indent\s+(\d{1,4})\b`)
)

func (p *page) classify() {
	n := len(p.lines)
	p.roles, p.inside, p.depths, p.items, p.first = make([]role, n), make([]bool, n), make([]int, n), make([]bool, n), n
	open := false
	for i, line := range p.lines {
		text := strings.TrimSpace(line)
		p.inside[i] = open
		if p.roles[i] = roleOf(text); open {
			p.roles[i], open = silent, !strings.Contains(text, "*/")
		} else if strings.HasPrefix(text, "{{") && strings.Contains(text, "/*") && !strings.Contains(text, "*/") {
			p.roles[i], open = silent, true
		}
		if (p.roles[i] == says || p.roles[i] == border) && p.first == n {
			p.first = i
		}
		p.items[i], p.depths[i] = strings.HasPrefix(text, "- "), indent(line)
		if strings.HasPrefix(text, "{{") {
			p.depths[i] = -1
			if m := written.FindStringSubmatch(text); m != nil {
				p.depths[i], _ = strconv.Atoi(m[1]) // of digits
			}
		}
	}
}

func roleOf(text string) role {
	switch {
	case text == "" || strings.HasPrefix(text, "#") || comment.MatchString(text):
		return silent
	case controls.MatchString(text):
		return control
	case text == "---" || strings.HasPrefix(text, "--- "):
		return border
	}
	return says
}

// comments are those that count of one line.
func (p *page) comments(i int) []Comment {
	text, found := p.commentOf(i)
	if !found {
		return nil
	}
	if rest, is := strings.CutPrefix(text, own); is {
		if c, ok := ownComment(rest); ok {
			return []Comment{c}
		}
		return nil
	}
	return append(trivyComments(text), checkovComments(text)...)
}

var opening = regexp.MustCompile(`(?:^|\s)#+\s*|\{\{-?\s*/\*\s*`)

// commentOf is the text of a line's comment that holds a mark, from the mark on.
func (p *page) commentOf(i int) (string, bool) {
	line := strings.TrimRight(p.lines[i], "\r")
	at := -1
	for _, mark := range marks {
		if found := strings.Index(line, string(mark)); found >= 0 && (at < 0 || found < at) {
			at = found
		}
	}
	if at < 0 {
		return "", false
	}
	inComment := p.inside[i]
	for _, span := range opening.FindAllStringIndex(line[:at], -1) {
		inComment = inComment || span[0] < at
	}
	if !inComment {
		return "", false
	}
	text, _, _ := strings.Cut(line[at:], "*/")
	return text, true
}

var between = regexp.MustCompile(`[\s,]+`)

// ownComment reads: <check>[, <check>] -- reason.
func ownComment(rest string) (Comment, bool) {
	if rest != "" && strings.TrimLeft(rest, " \t") == rest {
		return Comment{}, false // another word
	}
	names, why := rest, ""
	if at := strings.Index(rest+" ", "-- "); at >= 0 {
		names, why = rest[:at], strings.TrimPrefix(rest[at:], "--")
	}
	return Comment{Notation: own, Names: listed(between.Split(names, -1)), Reason: reason(why), Own: true}, true
}

func listed(names []string) []string {
	var all []string
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" && len(all) < maxNames {
			all = append(all, name)
		}
	}
	return all
}

var trivy = regexp.MustCompile(`trivy:ignore:([A-Za-z0-9_-]+)(?:\[[^\]]*\])?((?::[a-z]+:[^\s:]+)*)`)

// trivyComments reads trivy:ignore:ID[:exp:DATE], of which a line may hold
// several. Trivy's notation has no reason; what else the comment says is one.
func trivyComments(text string) []Comment {
	var all []Comment
	why := reason(trivy.ReplaceAllString(text, ""))
	for _, m := range trivy.FindAllStringSubmatch(text, maxNames) {
		c := Comment{Notation: "trivy:ignore", Names: []string{m[1]}, Reason: why}
		parts := strings.Split(m[2], ":")
		for i := 1; i+1 < len(parts); i += 2 {
			if parts[i] == "exp" {
				c.Expires = config.Date(parts[i+1])
			}
		}
		all = append(all, c)
	}
	return all
}

var checkov = regexp.MustCompile(`(checkov|bridgecrew|cortex):skip= *([A-Za-z0-9_-]+(?:,[A-Za-z0-9_-]+)*)(?::(.*))?`)

// checkovComments reads checkov:skip=ID[,ID][:reason].
func checkovComments(text string) []Comment {
	m := checkov.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	return []Comment{{Notation: m[1] + ":skip", Names: listed(strings.Split(m[2], ",")), Reason: reason(m[3])}}
}

// anchor is the line that a comment is about, from 1. One above a document's
// border is of the next document only where nothing stands before it.
func (p *page) anchor(i int) int {
	if p.roles[i] != silent {
		return i + 1
	}
	for j := i + 1; j < len(p.lines); j++ {
		switch {
		case p.roles[j] == says:
			return j + 1
		case p.roles[j] == border && p.first < i:
			return i + 1
		}
	}
	return i + 1
}

// end is the last line of the block that a line opens: what is indented deeper,
// the list of a key, and of an object's first line the whole document.
func (p *page) end(anchor int) int {
	at := anchor - 1
	if p.roles[at] != says || p.depths[at] < 0 || strings.HasPrefix(strings.TrimSpace(p.lines[at]), "{{") {
		return anchor
	}
	whole := strings.HasPrefix(p.lines[at], "apiVersion:") || strings.HasPrefix(p.lines[at], "kind:")
	depth, end := p.depths[at], anchor
	for j := anchor; j < len(p.lines); j++ {
		switch own := p.depths[j]; {
		case p.roles[j] == border:
			return end
		case p.roles[j] != says || own < 0:
			continue
		case !whole && (own < depth || own == depth && (p.items[at] || !p.items[j])):
			return end
		}
		end = j + 1
	}
	return end
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
