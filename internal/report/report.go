// Package report turns the outcome of a run into what people and programs
// read. Its types are data: whoever builds a Report has already decided,
// placed and redacted everything in it. Each output is a Sink.
package report

import (
	"io"
	"slices"
)

// Schema names the JSON form of a Report; it is stable.
const Schema = "rendergate/v1"

// Report is the outcome of one run. Arrays are never nil, so that JSON never
// holds null for one.
type Report struct {
	Schema    string      `json:"schema"`
	Tool      Tool        `json:"tool"`
	Base      string      `json:"base"` // commit or tree SHA; empty for a scan of one tree
	Head      string      `json:"head"`
	Verdict   Verdict     `json:"verdict"`
	Targets   []Target    `json:"targets"`
	Findings  []Finding   `json:"findings"`
	Bumps     []Bump      `json:"bumps"`
	Undecided []Undecided `json:"undecided"`
	Notes     []Note      `json:"notes"`
	Summary   Summary     `json:"summary"`
	Debt      *Debt       `json:"debt,omitempty"` // what the whole tree holds; nil where only a change was judged
	// Category tells runs of several configurations over one commit apart; empty is
	// DefaultCategory.
	Category string `json:"category,omitempty"`

	// Rules are the checks that the findings name, and every other that ran.
	Rules []Rule `json:"-"`
	// FailOn is the threshold that the verdict used, a severity's name or none.
	FailOn string `json:"failOn"`
	// Untold is how many new findings are of checks that whoever reads the results of
	// another run does not know, and so cannot tell of.
	Untold int `json:"-"`
	// Scan says that the report is about one tree, not about a change.
	Scan bool `json:"-"`
}

// DefaultCategory is that of a run which is alone.
const DefaultCategory = "rendergate"

// Tool is the program that made the report.
type Tool struct {
	Version string `json:"version"`
}

// Verdict is what the run decided.
type Verdict string

// The verdicts. Usage and configuration errors end the program before there is
// a report.
const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
	Unknown Verdict = "undecided" // could not look
)

// Target is one thing that gets deployed, in one variant.
type Target struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"` // helm, kustomize, manifests, …
	Path     string `json:"path"`
	Variant  string `json:"variant"` // empty for the default one
	Affected bool   `json:"affected"`
	Base     string `json:"base"` // rendered, partial, absent, failed, skipped
	Head     string `json:"head"`
	Error    string `json:"error"` // of the failed or partial side; head's first
	Objects  int    `json:"objects"`
	Ms       int64  `json:"ms"`
	Probes   int    `json:"probes"`  // renders that finding the causes took
	ProbeMs  int64  `json:"probeMs"` // and their time, traces included

	// Changes are what the change makes of the rendered objects; Unshown is how
	// many of these are not, or not in full, among them.
	Changes []Change `json:"changes"`
	Unshown int      `json:"unshownChanges"`
	// Attachments are what else a reader may want to see of the target.
	Attachments []Attachment `json:"attachments,omitempty"`
}

// Change is what becomes of one rendered object.
type Change struct {
	Object Object        `json:"object"`
	Was    *Object       `json:"was,omitempty"` // what it is called at base, where it is renamed
	What   string        `json:"what"`          // added, removed, changed, renamed
	Fields []FieldChange `json:"fields"`
}

// What becomes of an object.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
	Renamed = "renamed"
)

// FieldChange is what becomes of one field, redacted.
type FieldChange struct {
	Field string   `json:"field"` // empty for the object as a whole
	Lines []string `json:"lines"` // YAML or text, each line behind a minus, a plus or a space
}

// Attachment is a text that is shown folded under its title. Whoever makes it
// has redacted it; the sinks make it safe to show.
type Attachment struct {
	Title    string `json:"title"`
	Language string `json:"language"` // of the fence: diff, mermaid, yaml, or empty
	Text     string `json:"text"`
}

// The states of one side of a target.
const (
	Rendered = "rendered"
	Partial  = "partial"
	Absent   = "absent"
	Failed   = "failed"
	Skipped  = "skipped"
)

// State says how a finding relates to the change.
type State string

// The states of a finding.
const (
	New      State = "new"
	Moved    State = "moved"
	Kept     State = "kept"
	Fixed    State = "fixed"
	Spread   State = "spread"
	Unproven State = "unproven"
)

// Finding is one weakness, redacted and placed.
type Finding struct {
	Key        string      `json:"key"` // stable across runs: the same weakness keeps it
	Check      string      `json:"check"`
	Topic      string      `json:"topic"`
	Severity   string      `json:"severity"`
	State      State       `json:"state"`
	Message    string      `json:"message"`
	Target     string      `json:"target"`
	Targets    []string    `json:"targets"` // all targets that show it, Target first
	Object     Object      `json:"object"`
	Subject    string      `json:"subject"`
	Field      string      `json:"field"`
	Location   Location    `json:"location"`
	Trail      []Step      `json:"trail"`
	Rendered   *Around     `json:"rendered,omitempty"`
	Suggestion *Suggestion `json:"suggestion"`
	Suppressed *Suppressed `json:"suppressed"`
	Edges      []Edge      `json:"edges,omitempty"`     // connections that it opens
	BroughtBy  string      `json:"broughtBy,omitempty"` // the label of the bump that alone brings it
	Owners     []string    `json:"owners"`              // of the file, as CODEOWNERS of head says

	// Begins is where its object begins in the source; an empty path: not known.
	Begins Location `json:"-"`
	// Blocks says that the finding alone makes the verdict fail.
	Blocks bool `json:"blocks"`
	// Excerpt is the source at the location; nil where none is shown.
	Excerpt *Excerpt `json:"-"`
	// Threshold is the fail-on of its target, with the environment that sets it.
	Threshold string `json:"-"`
}

// Object names the rendered object of a finding.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
}

// String is Kind/namespace/name.
func (o Object) String() string { return o.Kind + "/" + o.Namespace + "/" + o.Name }

// Location is where a finding is shown. Line 0 means that only the file is
// known; an empty path that not even that is.
type Location struct {
	Path    string `json:"path"`
	Side    string `json:"side"` // head, or base for a deleted line
	Line    int    `json:"line"`
	EndLine int    `json:"endLine"`
	InDiff  bool   `json:"inDiff"` // every line of the region is added (head) or deleted (base) by the change
	How     string `json:"how"`    // counterfactual, traced, object
	Level   string `json:"level"`  // line, hunk, file, target
}

// The sides of a change.
const (
	Head = "head"
	Base = "base"
)

// Step is one station on the way from the cause to the rendered field, or
// another part of the change that has to do with it.
type Step struct {
	Path string `json:"path"`
	Side string `json:"side"`
	Line int    `json:"line"`
	Role string `json:"role"` // values, patch, file, template, call: the way; switch, with, also, waiver: beside it
	What string `json:"what"`
}

// Suggestion replaces whole lines of a file at head.
type Suggestion struct {
	Path        string `json:"path"`
	StartLine   int    `json:"startLine"`
	EndLine     int    `json:"endLine"`
	Replacement string `json:"replacement"`
	Verified    bool   `json:"verified"` // rendered with it the findings are gone, and nothing else changed
	Targets     int    `json:"targets"`  // that were rendered with it
	Caveat      string `json:"caveat"`   // what a render cannot tell; empty when nothing
	Before      string `json:"before"`   // the lines that it replaces
	// Findings are the keys of those that it removes, this one's included.
	Findings []string `json:"findings"`
}

// Around is the rendered object around the field, as it was and as it is. A
// side that has no such object is empty.
type Around struct {
	Base string `json:"base"`
	Head string `json:"head"`
}

// Suppressed tells who silenced a finding and why.
type Suppressed struct {
	Kind     string `json:"kind"` // file, comment, annotation
	By       string `json:"by"`   // the waiver's owner, else its file; a comment's notation; an annotation's key
	Reason   string `json:"reason"`
	Path     string `json:"path"`
	Line     int    `json:"line"`
	Expires  string `json:"expires"`
	Approver string `json:"approver"` // who approved it, where it counts for that; else empty
}

// Undecided is a place where rendergate could not look.
type Undecided struct {
	Target string `json:"target"`
	Side   string `json:"side"`
	Stage  string `json:"stage"` // find, render, check, images
	Error  string `json:"error"`
	// Accepted is who approved head all the same, so that it does not block.
	Accepted string `json:"accepted"`
}

// Open are the places where rendergate could not look and nobody accepted that.
func (r *Report) Open() []Undecided {
	return slices.DeleteFunc(slices.Clone(r.Undecided), func(u Undecided) bool { return u.Accepted != "" })
}

// Note is something that a reader must know and that is no finding: a guessed
// variant that failed, debt that does not render, a folder that was excluded.
type Note struct {
	Target string `json:"target"`
	What   string `json:"what"`
}

// Summary counts findings by state; suppressed ones are counted only there.
type Summary struct {
	New        int `json:"new"`
	Moved      int `json:"moved"`
	Kept       int `json:"kept"`
	Fixed      int `json:"fixed"`
	Spread     int `json:"spread"`
	Unproven   int `json:"unproven"`
	Undecided  int `json:"undecided"`
	Suppressed int `json:"suppressed"`
}

// Summarize counts a report's findings by state.
func Summarize(r *Report) Summary {
	s := Summary{Undecided: len(r.Open())}
	counts := map[State]*int{New: &s.New, Moved: &s.Moved, Kept: &s.Kept, Fixed: &s.Fixed, Spread: &s.Spread, Unproven: &s.Unproven}
	for _, f := range r.Findings {
		if f.Suppressed != nil {
			s.Suppressed++
			continue
		}
		*counts[f.State]++
	}
	return s
}

// Rule is what a report needs to know of a check.
type Rule struct {
	ID, Title, Why, Fix, Source, Topic, Severity string
}

// Sink writes a report in one form.
type Sink interface {
	Write(w io.Writer, r *Report) error
}
