package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// MaxResults is the most that results may have, in bytes.
const MaxResults = 5 << 20

// resultsSink writes what a second stage may know of a report.
type resultsSink struct{}

func (resultsSink) Write(w io.Writer, r *Report) error {
	data, err := json.Marshal(filled(bare(r, r.Rules)))
	if err != nil {
		return err
	}
	if len(data) > MaxResults {
		return fmt.Errorf("results of %d bytes are more than rendergate review reads (%d): post from the run itself, or exclude folders in .rendergate.yaml", len(data), MaxResults)
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// ReadResults reads results, or a report in JSON, that a run over untrusted
// code wrote, and believes nothing of it: what is not in the form that
// rendergate writes is an error; of what is, only ids of checks, paths, lines,
// numbers and names in a narrow alphabet stay. All prose is that of rules, and
// findings of checks that these do not have are counted in a note. No
// suggestion, no error text and no reason of a waiver passes.
func ReadResults(in io.Reader, rules []Rule) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxResults+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxResults {
		return nil, fmt.Errorf("the results have more than %d bytes", MaxResults)
	}
	var r Report
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("the results are not what rendergate writes: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the results are not what rendergate writes: there is something after them")
	}
	if err := r.wellFormed(); err != nil {
		return nil, fmt.Errorf("the results are not what rendergate writes: %w", err)
	}
	return bare(&r, rules), nil
}

var (
	commitName = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	keyName    = regexp.MustCompile(`^[0-9a-f]{16}$`)
	plainName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._:/@=+~#-]*$`)
	plainPath  = regexp.MustCompile(`^[A-Za-z0-9._@][A-Za-z0-9 ._/@=+~,#-]*$`)
	// vulnerabilityID is a name of the two catalogues that everybody knows.
	vulnerabilityID = regexp.MustCompile(`^(CVE-[0-9]{4}-[0-9]{4,9}|GHSA(-[0-9a-z]{4}){3})$`)

	plainField = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/"\[\]-]*$`)
)

// The longest name, path and number that anything real has.
const (
	longestName = 253
	longestPath = 1024
	mostSteps   = 20
	mostNumber  = 10_000_000
)

// unnamed stands for a name that is not shown.
const unnamed = "(name not shown)"

// wellFormed says that what can have only a few values has one of these.
func (r *Report) wellFormed() error {
	if r.Schema != Schema || !commitName.MatchString(r.Base) || !commitName.MatchString(r.Head) {
		return fmt.Errorf("schema %.40q, base %.80q, head %.80q", r.Schema, r.Base, r.Head)
	}
	if !slices.Contains([]Verdict{Pass, Fail, Unknown}, r.Verdict) {
		return fmt.Errorf("the verdict %.40q", r.Verdict)
	}
	states := []string{Rendered, Partial, Absent, Failed, Skipped}
	for _, t := range r.Targets {
		if !slices.Contains(states, t.Base) || !slices.Contains(states, t.Head) {
			return fmt.Errorf("a target that is %.40q and %.40q", t.Base, t.Head)
		}
	}
	keys := map[string]bool{}
	for _, f := range r.Findings {
		switch {
		case !keyName.MatchString(f.Key) || keys[f.Key]:
			return fmt.Errorf("the key %.40q of a finding", f.Key)
		case !slices.Contains(severities[1:], f.Severity) || !slices.Contains([]State{New, Moved, Kept, Fixed, Spread, Unproven}, f.State):
			return fmt.Errorf("a finding that is %.40q and %.40q", f.Severity, f.State)
		case f.Location.Side != Head && f.Location.Side != Base:
			return fmt.Errorf("the side %.40q", f.Location.Side)
		}
		keys[f.Key] = true
	}
	return nil
}

// bare is a report with nothing in it that could be prose or markup.
func bare(r *Report, rules []Rule) *Report {
	out := &Report{Schema: Schema, Base: r.Base, Head: r.Head, Verdict: r.Verdict, FailOn: oneOf(r.FailOn, append(severities[1:], "none")...), Rules: rules}
	out.Category = bareCategory(r.Category)
	out.Tool.Version = within(r.Tool.Version, plainName, 40, "")
	for _, t := range r.Targets {
		out.Targets = append(out.Targets, Target{
			ID: named(t.ID), Kind: within(t.Kind, plainName, 40, "unknown"), Path: pathOf(t.Path), Affected: t.Affected, Base: t.Base, Head: t.Head, Objects: number(t.Objects),
		})
	}
	known := map[string]Rule{}
	for _, rule := range rules {
		known[rule.ID] = rule
	}
	unknown := 0
	for _, f := range r.Findings {
		rule, ok := known[f.Check]
		if !ok {
			unknown++
			if f.State == New && f.Suppressed == nil {
				out.Untold++
			}
			continue
		}
		out.Findings = append(out.Findings, bareFinding(f, rule))
	}
	if unknown > 0 {
		out.Notes = append(out.Notes, Note{What: fmt.Sprintf("%s of checks that this rendergate does not know, such as policies of the repository: the log of the run has them", count(unknown, "finding"))})
	}
	for _, u := range r.Undecided {
		b := Undecided{
			Target: named(u.Target), Side: oneOf(u.Side, Head, Base), Stage: oneOf(u.Stage, "find", "render", "check", "images"), Error: "the log of the run says why",
		}
		if u.Accepted != "" {
			b.Accepted = "an approver"
		}
		out.Undecided = append(out.Undecided, b)
	}
	out.Summary = Summarize(out)
	return out
}

// bareCategory tells runs apart also where it is not shown.
func bareCategory(text string) string {
	sum := sha256.Sum256([]byte(text))
	if text == "" {
		return ""
	}
	return within(text, plainPath, 100, fmt.Sprintf("%s/%x", DefaultCategory, sum[:4]))
}

func bareFinding(f Finding, rule Rule) Finding {
	b := Finding{
		Key: f.Key, Check: f.Check, Topic: rule.Topic, Severity: f.Severity, State: f.State, Message: rule.Title, Blocks: f.Blocks, Target: named(f.Target),
		Object: Object{
			APIVersion: within(f.Object.APIVersion, plainName, longestName, ""), Kind: named(f.Object.Kind),
			Namespace: within(f.Object.Namespace, plainName, longestName, ""), Name: named(f.Object.Name),
		},
		Field: within(f.Field, plainField, longestPath, ""), Location: bareLocation(f.Location),
	}
	if id, _, _ := strings.Cut(subject(f), " "); vulnerabilityID.MatchString(id) {
		b.Subject, b.Message = id, rule.Title+": "+id
	}
	for _, target := range f.Targets {
		b.Targets = append(b.Targets, named(target))
	}
	for _, s := range f.Trail[:min(mostSteps, len(f.Trail))] {
		if name := pathOf(s.Path); name != "" {
			role := oneOf(s.Role, RoleValues, RolePatch, RoleFile, RoleTemplate, RoleCall, RoleSwitch, RoleWith, RoleAlso, RoleWaiver)
			b.Trail = append(b.Trail, Step{Path: name, Side: oneOf(s.Side, Head, Base), Line: number(s.Line), Role: role})
		}
	}
	if s := f.Suppressed; s != nil {
		b.Suppressed = &Suppressed{Kind: oneOf(s.Kind, "file", "comment", "annotation"), By: "a waiver", Path: pathOf(s.Path), Line: number(s.Line)}
	}
	return b
}

func bareLocation(at Location) Location {
	b := Location{
		Path: pathOf(at.Path), Side: at.Side, Line: number(at.Line), EndLine: number(at.EndLine), InDiff: at.InDiff,
		How: oneOf(at.How, "counterfactual", "traced", "object"), Level: oneOf(at.Level, "line", "hunk", "file", "target"),
	}
	if b.Path == "" {
		b.Line = 0
	}
	b.EndLine = max(b.Line, b.EndLine)
	return b
}

// within is a text of a form and a length, or something instead.
func within(text string, form *regexp.Regexp, most int, otherwise string) string {
	if len(text) > most || !form.MatchString(text) || strings.Contains(text, "  ") {
		return otherwise
	}
	return text
}

func named(text string) string {
	if text == "." {
		return text
	}
	return within(text, plainName, longestName, unnamed)
}

// pathOf is a path inside a repository, empty where it is none that is shown.
func pathOf(text string) string {
	if !fs.ValidPath(text) {
		return ""
	}
	return within(text, plainPath, longestPath, "")
}

func oneOf(text string, accepted ...string) string {
	if slices.Contains(accepted, text) {
		return text
	}
	return ""
}

func number(n int) int { return max(0, min(n, mostNumber)) }
