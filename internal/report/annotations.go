package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// annotations is the sink of GitHub's workflow commands, which become
// annotations of a step. GitHub keeps ten of each level a step and cuts
// messages (actions/runner, ExecutionContext), so the last one of a level
// tells of all others.
type annotations struct{}

const (
	perLevel     = 10
	messageBytes = 4096
)

// annotation is one workflow command before it is written.
type annotation struct {
	path          string
	line, endLine int
	title         string
	message       string // visible already: its line breaks are ours
}

func (annotations) Write(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	levels := map[string][]annotation{}
	for _, group := range Alike(slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return annotationLevel(f) == "" })) {
		level := annotationLevel(group[0])
		levels[level] = append(levels[level], findingAnnotation(group))
	}
	for _, u := range r.Open() {
		levels["error"] = append(levels["error"], annotation{
			title: "rendergate could not look", message: Visible(fmt.Sprintf("%s at %s (%s): %s", u.Target, u.Side, u.Stage, u.Error)),
		})
	}
	for _, level := range []string{"error", "warning", "notice"} {
		for _, a := range atMost(levels[level]) {
			fmt.Fprintln(out, a.command(level))
		}
	}
	fmt.Fprintf(out, "rendergate: %s; %s\n", data(headline(r, Visible)), data(coverage(r)))
	return out.Flush()
}

// annotationLevel is empty for what needs no annotation.
func annotationLevel(f Finding) string {
	switch {
	case f.Suppressed != nil:
		return ""
	case f.Blocks:
		return "error"
	case f.State == New && f.Severity == "low":
		return ""
	case f.State == New, f.State == Unproven:
		return "warning"
	case f.State == Spread:
		return "notice"
	}
	return ""
}

// findingAnnotation tells of findings that are alike.
func findingAnnotation(group []Finding) annotation {
	f := group[0]
	message := Visible(fmt.Sprintf("%s (%s)", f.Message, what(f)))
	if f.BroughtBy != "" {
		message += ", brought by " + Visible(f.BroughtBy)
	}
	a := annotation{path: f.Location.Path, title: fmt.Sprintf("%s (%s)", f.Check, f.Severity), message: message}
	if f.Location.Side != Base {
		a.line, a.endLine = f.Location.Line, f.Location.EndLine
	} else if f.Location.Line > 0 {
		a.message += fmt.Sprintf(" (because line %d of base was deleted)", f.Location.Line)
	}
	if len(f.Targets) > 1 {
		a.message += " of " + In(f, 5, Visible)
	}
	if more := others(group, Visible); more != "" {
		a.message += "\n" + more
	}
	return a
}

// atMost keeps as many as GitHub shows. What is over goes into the last one.
func atMost(all []annotation) []annotation {
	if len(all) <= perLevel {
		return all
	}
	rest := all[perLevel-1:]
	lines := []string{fmt.Sprintf("%d more; the summary, JSON and SARIF have them in full:", len(rest))}
	for _, a := range rest {
		place := Visible(a.path)
		if a.line > 0 {
			place += ":" + strconv.Itoa(a.line)
		}
		lines = append(lines, strings.TrimSpace(place+" "+a.title+" "+a.message))
	}
	return append(all[:perLevel-1:perLevel-1], annotation{title: "rendergate: and more", message: strings.Join(lines, "\n")})
}

// command is the annotation in the runner's syntax.
func (a annotation) command(level string) string {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+property(value)) }
	if a.path != "" {
		add("file", a.path)
	}
	if a.line > 0 {
		add("line", strconv.Itoa(a.line))
		add("endLine", strconv.Itoa(max(a.line, a.endLine)))
	}
	add("title", a.title)
	return "::" + level + " " + strings.Join(properties, ",") + "::" + data(clip(a.message, messageBytes))
}

// data escapes the message of a command. The runner also looks for ##[ within
// a line.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", "##[", "# #[").Replace(text)
}

// Logged is text for a log, line by line, in which nothing steers a terminal or
// is a command to the runner.
func Logged(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\r\n"), "\n")
	for i, line := range lines {
		lines[i] = uncommanded(Visible(strings.TrimSuffix(line, "\r")))
	}
	return strings.Join(lines, "\n")
}

// uncommanded is a line of a log that the runner does not take for a command:
// it looks for :: behind leading space, and for ##[ anywhere.
func uncommanded(line string) string {
	text := strings.TrimLeft(line, " \t")
	if strings.HasPrefix(text, "::") {
		line = line[:len(line)-len(text)] + ": :" + text[2:]
	}
	return strings.ReplaceAll(line, "##[", "# #[")
}

// property escapes the value of a property.
func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(Visible(text)))
}
