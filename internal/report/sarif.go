package report

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v2/sarif"
)

// sarifSink writes SARIF 2.1.0 for GitHub's code scanning and for editors,
// which alone read fixes. Fixed findings are no results. Suppressed ones are
// results with a suppression, but not in what is uploaded to code scanning: it
// ignores suppressions, and would show an open alert.
type sarifSink struct{ options Options }

// Code scanning rejects a run of more results, and keeps of the others the most
// severe.
const (
	maxResults  = 25_000
	keptResults = 5_000
)

// semanticVersion keeps builds without a version from naming one.
var semanticVersion = regexp.MustCompile(`^\d+\.\d+\.\d+([-+].*)?$`)

// score is code scanning's severity: above 9 critical, from 7 high, from 4
// medium.
var score = map[string]string{"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}

var sarifLevel = map[string]string{"critical": "error", "high": "error", "medium": "warning", "low": "note"}

// levelOf is never empty, which the schema forbids.
func levelOf(severity string) string { return cmp.Or(sarifLevel[severity], "note") }

func (s sarifSink) Write(w io.Writer, r *Report) error {
	doc, err := sarif.New(sarif.Version210)
	if err != nil {
		return err
	}
	run := sarif.NewRunWithInformationURI("rendergate", "https://github.com/rendergate/rendergate")
	if version := strings.TrimPrefix(r.Tool.Version, "v"); semanticVersion.MatchString(version) {
		run.Tool.Driver.SemanticVersion = &version
	}
	run.AutomationDetails = &sarif.RunAutomationDetails{ID: ptr(cmp.Or(strings.Trim(r.Category, "/"), DefaultCategory) + "/")}
	run.ColumnKind = "utf16CodeUnits"
	index := map[string]int{}
	run.Tool.Driver.Rules = []*sarif.ReportingDescriptor{}
	for _, rule := range rulesOf(r, s.options.Upload) {
		index[rule.ID] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule(rule))
	}
	findings, left := results(r, s.options)
	spots := newSpots(s.options.Source, r.Targets)
	run.Results = []*sarif.Result{}
	prints := fingerprints{}
	for _, f := range findings {
		run.Results = append(run.Results, sarifResult(f, spots.find(f), index[f.Check], prints.of(f.Key)))
	}
	run.Invocations = []*sarif.Invocation{invocation(r, left, s.options.Upload)}
	doc.AddRun(run)
	return doc.PrettyWrite(w)
}

func ptr[T any](v T) *T { return &v }

// fingerprints are what code scanning knows an alert by from one analysis to the
// next, in the form that it gives its own: the key of the finding, so that lines
// which move, or a merge, leave an alert and its dismissal alone.
type fingerprints map[string]int

func (seen fingerprints) of(key string) string {
	seen[key]++
	return fmt.Sprintf("%s:%d", key, seen[key])
}

// rulesOf are all checks that ran, and those that only findings name.
func rulesOf(r *Report, upload bool) []Rule {
	rules := slices.Clone(r.Rules)
	if upload && len(r.Undecided) > 0 {
		rules = append(rules, notLooked)
	}
	for _, f := range r.Findings {
		if !slices.ContainsFunc(rules, func(rule Rule) bool { return rule.ID == f.Check }) {
			rules = append(rules, Rule{ID: f.Check, Title: f.Check, Topic: f.Topic, Severity: f.Severity})
		}
	}
	slices.SortStableFunc(rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}

func sarifRule(rule Rule) *sarif.ReportingDescriptor {
	page := "https://github.com/rendergate/rendergate/blob/main/docs/checks/" + rule.ID + ".md"
	if strings.HasPrefix(rule.ID, "policy/") {
		page = "https://github.com/rendergate/rendergate/blob/main/docs/policies.md"
	}
	if rule.ID == notLooked.ID {
		page = "https://github.com/rendergate/rendergate/blob/main/docs/code-scanning.md"
	}
	why := clip(cmp.Or(rule.Why, rule.Title), 1024)
	help := fmt.Sprintf("%s.\n\nWhy: %s\n\nFix: %s\n\nSource: %s\n", rule.Title, rule.Why, rule.Fix, rule.Source)
	markdown := fmt.Sprintf("%s.\n\n**Why** %s\n\n**Fix** %s\n\n**Source** %s\n\n[More](%s)\n", rule.Title, rule.Why, rule.Fix, rule.Source, page)
	descriptor := sarif.NewRule(rule.ID).
		WithName(clip(camel(rule.ID), 255)).
		WithShortDescription(sarif.NewMultiformatMessageString(clip(strings.TrimSuffix(rule.Title, ".")+".", 1024))).
		WithFullDescription(sarif.NewMultiformatMessageString(why)).
		WithHelp(sarif.NewMultiformatMessageString(help).WithMarkdown(markdown)).
		WithHelpURI(page).
		WithDefaultConfiguration(&sarif.ReportingConfiguration{Enabled: ptr(true), Level: levelOf(rule.Severity)})
	// AddString on a fresh descriptor panics in go-sarif v2.3.3.
	return descriptor.WithProperties(sarif.Properties{
		"tags":              []string{"security", "kubernetes", rule.Topic},
		"precision":         "high",
		"problem.severity":  map[string]string{"error": "error", "warning": "warning", "note": "recommendation"}[levelOf(rule.Severity)],
		"security-severity": cmp.Or(score[rule.Severity], score["low"]),
	})
}

// camel is an id as SARIF wants a rule's name: PrivilegedContainer.
func camel(id string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(id, func(r rune) bool { return strings.ContainsRune("-/:.", r) }) {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// notLooked is the rule of what could not be looked at.
var notLooked = Rule{
	ID: "could-not-look", Title: "rendergate could not look", Topic: "coverage", Severity: "high",
	Why:    "What does not render cannot be judged, and its alerts count as fixed as long as that lasts.",
	Fix:    "Mend what does not render; `rendergate check` says how.",
	Source: "rendergate: could not look is never nothing found.",
}

// unlooked are the places that could not be looked at, as findings: code
// scanning takes a result that is not there for one that was fixed.
func unlooked(r *Report) []Finding {
	var all []Finding
	for _, u := range r.Undecided {
		sum := sha256.Sum256([]byte(notLooked.ID + "\x00" + u.Target + "\x00" + u.Side + "\x00" + u.Stage))
		all = append(all, Finding{
			Key: fmt.Sprintf("%x", sum[:8]), Check: notLooked.ID, Topic: notLooked.Topic, Severity: notLooked.Severity, State: Unproven, Target: u.Target,
			Targets: []string{u.Target}, Message: fmt.Sprintf("could not look at %s at %s (%s): %s", u.Target, u.Side, u.Stage, clip(u.Error, 1000)), Blocks: u.Accepted == "",
		})
	}
	return all
}

// results are the findings of head, those that block first. What code scanning
// would reject is left out, and counted.
func results(r *Report, o Options) (kept []Finding, left int) {
	kept = slices.DeleteFunc(listed(r), func(f Finding) bool {
		return f.State == Fixed || o.NewOnly && f.State != New && f.State != Unproven && !f.Blocks
	})
	if o.Upload {
		kept = slices.Concat(unlooked(r), kept)
	}
	for _, f := range r.Findings {
		if !o.Upload && f.Suppressed != nil && f.State != Fixed {
			kept = append(kept, f)
		}
	}
	if len(kept) > maxResults {
		kept, left = kept[:maxResults], len(kept)-maxResults
	}
	return kept, left
}

// Cut says what code scanning will not show of a report; empty when nothing.
func Cut(r *Report, o Options) string {
	kept, left := results(r, o)
	if left+len(kept) <= keptResults {
		return ""
	}
	text := fmt.Sprintf("code scanning keeps the %d most severe of these %d results", keptResults, len(kept))
	if left > 0 {
		text += fmt.Sprintf("; %d more are left out, because it rejects a file with more than %d", left, maxResults)
	}
	return text + "; the JSON report has all"
}

// sarifResult is one alert. Its message names the place itself where code
// scanning can only show another one.
func sarifResult(f Finding, at spot, rule int, print string) *sarif.Result {
	result := sarif.NewRuleResult(f.Check).WithRuleIndex(rule).WithLevel(levelOf(f.Severity))
	text := linkless(message(f, at))
	for _, step := range related(f, at) {
		if step.Path == "" {
			text += linkless("; " + Visible(step.What))
			continue
		}
		id := len(result.RelatedLocations) + 1
		place := location(step.Path, step.Line, step.Line).WithId(id).WithMessage(sarif.NewTextMessage(Visible(step.What)))
		result.RelatedLocations = append(result.RelatedLocations, place)
		text += fmt.Sprintf(" [%s](%d)", linkText(step), id)
	}
	if flow := codeFlow(f); flow != nil {
		result.CodeFlows = []*sarif.CodeFlow{flow}
	}
	result.WithMessage(sarif.NewTextMessage(text))
	result.Locations = []*sarif.Location{location(at.path, at.line, at.endLine)}
	if f.Object.Kind != "" {
		result.Locations[0].LogicalLocations = []*sarif.LogicalLocation{sarif.NewLogicalLocation().
			WithName(Visible(f.Object.Name)).WithFullyQualifiedName(Visible(f.Object.String())).WithKind("resource")}
	}
	result.PartialFingerprints = map[string]any{"primaryLocationLineHash": print, "rendergate/v1": f.Key}
	result.Fixes = sarifFixes(f.Suggestion)
	if s := f.Suppressed; s != nil {
		result.Suppressions = []*sarif.Suppression{suppression(s, f.Key)}
	}
	result.Properties = sarif.Properties{"state": string(f.State), "key": f.Key, "target": Visible(f.Target), "object": Visible(f.Object.String())}
	if f.BroughtBy != "" {
		result.Properties["broughtBy"] = Visible(f.BroughtBy)
	}
	if len(f.Owners) > 0 {
		result.Properties["owners"] = f.Owners
	}
	return result
}

// related are the steps of a finding's trail, and where its object begins
// unless they or the place itself tell of that line.
func related(f Finding, at spot) []Step {
	begins := Step{Path: f.Begins.Path, Line: max(1, f.Begins.Line), What: "the object " + f.Object.String() + " begins here"}
	told := begins.Path == "" || f.Begins.Side == Base || begins.Path == at.path && begins.Line == at.line ||
		slices.ContainsFunc(f.Trail, func(s Step) bool { return s.Path == begins.Path && (s.Line == begins.Line || f.Begins.Line == 0) })
	if told {
		return f.Trail
	}
	return append(slices.Clone(f.Trail), begins)
}

// suppression fills every property: the library writes null for what is not
// set, which the schema refuses.
func suppression(s *Suppressed, key string) *sarif.Suppression {
	kind := "inSource"
	if s.Kind == "file" || s.Kind == "" {
		kind = "external"
	}
	sum := sha256.Sum256([]byte(key + "\x00" + s.Path + "\x00" + s.Reason))
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80 // version 5 and its variant
	guid := fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	at := location(cmp.Or(s.Path, ".rendergate.yaml"), s.Line, s.Line)
	return sarif.NewSuppression(kind).WithStatus("accepted").WithGuid(guid).WithLocation(at).WithJustifcation(Visible(clip(s.why()+" ("+s.who()+")", 2000)))
}

// linkText names a step as the text of a link, where no bracket may stand.
func linkText(step Step) string {
	name := path.Base(step.Path)
	if !plain.MatchString(name) {
		return "see"
	}
	return fmt.Sprintf("%s:%d", name, max(1, step.Line))
}

// codeFlow is the way from the line that decides a value to the one that writes
// it, which code scanning shows as steps; nil where there is no way to show.
func codeFlow(f Finding) *sarif.CodeFlow {
	way := Way(f)
	if len(way) < 2 {
		return nil
	}
	thread := sarif.NewThreadFlow()
	for _, step := range way {
		at := location(step.Path, step.Line, step.Line).WithMessage(sarif.NewTextMessage(Visible(step.What)))
		thread.AddLocation(sarif.NewThreadFlowLocation().WithLocation(at))
	}
	return sarif.NewCodeFlow().WithThreadFlows([]*sarif.ThreadFlow{thread})
}

func message(f Finding, at spot) string {
	text := Visible(f.Message)
	if f.Object.Kind != "" {
		text += " (" + Visible(what(f)) + ")"
	}
	if len(f.Targets) > 1 {
		text += " of " + In(f, 5, Visible)
	}
	if f.BroughtBy != "" {
		text += ", brought by " + Visible(f.BroughtBy)
	}
	switch {
	case f.Location.Side == Base && f.Location.Line > 0 && f.Location.InDiff:
		text += fmt.Sprintf(" (because line %d of base was deleted)", f.Location.Line)
	case f.Location.Side == Base && f.Location.Line > 0:
		text += fmt.Sprintf(" (line %d of base)", f.Location.Line)
	}
	if f.Location.Path != "" && f.Location.Path != at.path {
		text += ", at " + Visible(f.Location.Path)
	}
	return text
}

// brackets are what SARIF reads as a link to a related location, with what
// stands before them and would undo their escape.
var brackets = regexp.MustCompile(`\\*[\[\]]`)

func linkless(text string) string {
	return brackets.ReplaceAllStringFunc(text, func(found string) string {
		escapes := len(found) - 1
		return strings.Repeat(`\`, 2*escapes+1) + found[escapes:]
	})
}

func location(name string, line, endLine int) *sarif.Location {
	return sarif.NewLocation().WithPhysicalLocation(sarif.NewPhysicalLocation().
		WithArtifactLocation(sarif.NewArtifactLocation().WithUri((&url.URL{Path: name}).String()).WithUriBaseId("%SRCROOT%")).
		WithRegion(sarif.NewRegion().WithStartLine(max(1, line)).WithEndLine(max(1, line, endLine))))
}

// invocation says whether everything could be looked at. Code scanning throws an
// analysis away that says of itself that it failed, with all that it did find;
// so in what is uploaded that is said by results.
func invocation(r *Report, left int, upload bool) *sarif.Invocation {
	i := sarif.NewInvocation().WithExecutionSuccess(upload || len(r.Undecided) == 0 && left == 0)
	var notifications []*sarif.Notification
	notify := func(text string) {
		notifications = append(notifications, &sarif.Notification{Level: "error", Message: sarif.NewTextMessage(Visible(text))})
	}
	for _, u := range r.Undecided {
		notify(fmt.Sprintf("could not look at %s at %s (%s): %s", u.Target, u.Side, u.Stage, u.Error))
	}
	if left > 0 {
		notify(fmt.Sprintf("%d results are left out, because code scanning rejects more than %d; the JSON report has them", left, maxResults))
	}
	i.ToolExecutionNotifications = notifications
	return i
}
