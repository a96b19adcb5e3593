// Package checks holds what rendergate looks for: one value a check, in a file
// of its own, that judges rendered objects and reports places in them. The
// package renders nothing, compares nothing and knows no file of the tree.
package checks

import (
	"fmt"
	"slices"

	"github.com/ProtonMail/go-crypto/openpgp"

	"github.com/rendergate/rendergate/render/manifest"
)

// Check is one thing that rendergate looks for. Its ID, once published, keeps
// its meaning, its default severity and its switch for ever.
type Check struct {
	ID       string   // kebab-case; SARIF ruleId, configuration, waivers, documentation
	Title    string   // what is wrong, as a sentence without a full stop
	Severity Severity // the default
	Topic    Topic
	Since    string   // the version that brought it
	Off      bool     // off unless configuration enables it
	Why      string   // what an attacker or an outage makes of it
	Fix      string   // what to write instead
	Source   string   // the rule's origin, with section
	Aliases  []string // what peers call it (several checks may share one), for the suppressions that repositories already carry

	// Examples: complete manifests. Bad has a "# want" comment at the end of
	// each line that a finding must point at; Good and NearMiss have none.
	Bad, Good, NearMiss string
	// Before, of a Compare check, is what all three examples change: a pull request
	// makes it one of them. Its "# want" comments are at lines that Bad takes away.
	Before string
	// Terraform are the same as modules of one file, for checks that judge those.
	Terraform Examples

	// Exactly one of the three is set.
	Run       func(*Pass) // judges Pass.Object
	RunTarget func(*Pass) // judges all Pass.Objects of a target together
	Compare   func(*Pass) // judges Pass.Base against Pass.Objects

	// Covers says that a weakness of class head was already there at base, in
	// the same object and container, under another name: a host path below one
	// that was mounted, a verb that a wildcard allowed. Nil means that only the
	// same class is the same weakness.
	Covers func(base []string, head string) bool
	// Within are the ids of checks that find worse forms of this weakness: where
	// what one of them found at base, in the same object and container, is gone and
	// Covers covers, this is what an improvement has left over, and not new.
	Within []string

	// Shared names what a weakness belongs to that is not its object's alone, such as
	// an image that several run: what base has of the same class and name anywhere in
	// the target is not new elsewhere in it. Nil: a weakness is its object's.
	Shared func(f Finding) string

	// Mend says what to change in the rendered object so that the finding is
	// gone, and none other comes; none where only a person can say. all are the
	// objects of the target.
	Mend func(f Finding, all []*manifest.Object) []manifest.Edit
	// Trial says that programs often rely on what Mend takes away: what renders
	// and passes then may not start.
	Trial bool
}

// Examples are one that a check finds something in, and two that it does not;
// Before is what they change, for a Compare check.
type Examples struct{ Before, Bad, Good, NearMiss string }

// Settings are what configuration tells checks.
type Settings struct {
	// Registries are the allowed image prefixes, such as ghcr.io/acme/. Empty
	// means that any registry is allowed.
	Registries []string
	// ChartSources are the allowed chart repositories, as prefixes of their
	// addresses. Empty means that any is allowed.
	ChartSources []string
	// Keyring are the keys whose signatures of charts count; empty: nobody said
	// which, and signatures are not asked for.
	Keyring openpgp.EntityList
	// Own tells whether an address is that of the repository that is judged, and
	// whether anybody can say so. Nil: nobody can.
	Own func(address string) (own, known bool)
	// Together are the objects of other targets that configuration says are
	// deployed with the one that is judged.
	Together []*manifest.Object
	// TogetherBefore are those of base, for Compare checks.
	TogetherBefore []*manifest.Object
	// Drawn are the texts that the render drew by chance: a secret that holds one
	// was never committed.
	Drawn []string
	// Scanned are the vulnerabilities of images, by the reference that objects have;
	// of an image that is not among them nobody knows any.
	Scanned map[string][]Vulnerability
	// KubeVersion is the target's Kubernetes; empty means the newest known one.
	KubeVersion string
}

// Finding is one weakness at one place of one object.
type Finding struct {
	Check    *Check
	Severity Severity
	Target   string // the id of the target that the object belongs to
	Object   manifest.Ref
	Origin   manifest.Origin
	Subject  manifest.Subject
	Field    string // the path of the place, for people
	Line     int    // the place's line in the object's text; 0 when unknown
	Message  string
	Node     manifest.Node // the place itself, for whoever wants to point at it
	Doubt    Doubt
	// Graded is how severe what was found is itself, where that differs within a
	// check; None: as severe as the check.
	Graded Severity
	Edges  []Edge // what it opens, for whoever wants to draw it
	// Tells are the ids of checks that would say the same of the object, with less,
	// where they find anything new in it.
	Tells []string
	// Beside are places that bring it about together with its own, as the verbs do
	// of a rule whose resource is the place.
	Beside []manifest.Node

	through []*manifest.Object // entrances that are all that it is about
}

// Edge is a connection that a change opens. Ends are named for people.
type Edge struct {
	From, To string
	Ports    string // such as "TCP 80,443", or "any port"
	Outside  bool   // one end is outside of the cluster
}

// Doubt says how sure a finding is.
type Doubt int

// What a check may say of a place.
const (
	Certain Doubt = iota
	// Unprovable is no finding yet: nobody knows what stands at the place. Only
	// a comparison makes one of it, where base had proved it safe.
	Unprovable
	// NoLonger is what the comparison makes of that.
	NoLonger
)

// Of is the severity of the finding where its check has that one. What is graded
// itself keeps its grade, unless configuration gives the check another severity.
func (f Finding) Of(severity Severity) Severity {
	if f.Graded != None && severity == f.Check.Severity {
		severity = f.Graded
	}
	if f.Doubt == NoLonger && severity > Low {
		return severity - 1
	}
	return severity
}

// Unproved is the finding that a place is no longer provably safe, one step
// below what it would be if it were known to be weak.
func (f Finding) Unproved() Finding {
	if f.Doubt == Unprovable {
		f.Doubt = NoLonger
		f.Severity = f.Of(f.Severity)
		f.Message = "no longer provable: nobody knows the value that base had proved safe (if weak: " + f.Message + ")"
	}
	return f
}

// Pass hands a check what it judges, and takes what it reports.
type Pass struct {
	Object   *manifest.Object   // Run only
	Objects  []*manifest.Object // all objects of the target
	With     []*manifest.Object // those of other targets that are deployed together with it
	Base     []*manifest.Object // Compare only: the objects of the target at base
	WithBase []*manifest.Object // Compare only: those of other targets that were deployed with it
	Pairs    []Pair             // Compare only: the objects of both sides, matched one to one
	Settings Settings

	rule     Rule
	target   string
	findings []Finding
	known    *known
}

// Together are the objects of the target and of those that are deployed with
// it: what counts where a check asks what else there is.
func (p *Pass) Together() []*manifest.Object {
	if len(p.With) == 0 {
		return p.Objects
	}
	return slices.Concat(p.Objects, p.With)
}

// Report adds a finding at a place, which may be absent: the place where a
// missing field should stand. Of a place that nobody knows the check says only
// that it could not be proved: Terraform's variables never fire by themselves.
func (p *Pass) Report(at manifest.Node, subject manifest.Subject, format string, args ...any) {
	finding := Finding{
		Check: p.rule.Check, Severity: p.rule.Severity, Target: p.target, Subject: subject,
		Field: at.Path(), Line: at.Line(), Message: fmt.Sprintf(format, args...), Node: at,
	}
	if object := at.Object(); object != nil {
		finding.Object, finding.Origin = object.Identity(), object.Origin
	}
	if at.Undecided() {
		finding.Doubt = Unprovable
	}
	p.findings = append(p.findings, finding)
}

// ReportAs adds a finding that is graded itself, as Report does.
func (p *Pass) ReportAs(graded Severity, at manifest.Node, subject manifest.Subject, format string, args ...any) {
	p.Report(at, subject, format, args...)
	f := &p.findings[len(p.findings)-1]
	f.Graded = graded
	f.Severity = f.Of(f.Severity)
}

// ReportBeside adds a finding that other places bring about as well, as Report does.
func (p *Pass) ReportBeside(beside []manifest.Node, at manifest.Node, subject manifest.Subject, format string, args ...any) {
	p.Report(at, subject, format, args...)
	p.findings[len(p.findings)-1].Beside = beside
}

// Suspect reports what the check could not prove, because it was led to a value that
// nobody knows, wherever the place is.
func (p *Pass) Suspect(at manifest.Node, subject manifest.Subject, format string, args ...any) {
	p.Report(at, subject, format, args...)
	p.findings[len(p.findings)-1].Doubt = Unprovable
}

// Rule is a check as configured: switched on, at a severity.
type Rule struct {
	*Check
	Severity Severity
}

// Judge runs the rules over the objects of one target. Compare checks are left
// out: they need both sides. An error means that a check gave up, so that its
// answer is unknown.
func Judge(rules []Rule, target string, objects []*manifest.Object, settings Settings) ([]Finding, error) {
	var findings []Finding
	seen := &known{}
	for _, rule := range rules {
		if rule.Compare != nil {
			continue
		}
		found, err := judge(&Pass{Objects: objects, With: settings.Together, Settings: settings, rule: rule, target: target, known: seen})
		if err != nil {
			return findings, err
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

// Pair is one object at both sides; either may be nil, not both.
type Pair struct {
	Base, Head *manifest.Object
}

// Sides are what a change makes of a target: the objects of both sides, and
// which of them are the same one.
type Sides struct {
	Base, Head []*manifest.Object
	Pairs      []Pair
}

// Compare runs the rules that need both sides of one target. A finding is about
// an object of head, or of base where the change takes away what is missed. At a
// place that nobody knows it says that what base proves is no longer provable.
func Compare(rules []Rule, target string, sides Sides, settings Settings) ([]Finding, error) {
	var findings []Finding
	seen := &known{}
	for _, rule := range rules {
		if rule.Check.Compare == nil {
			continue
		}
		found, err := judge(&Pass{
			Objects: sides.Head, With: settings.Together, Base: sides.Base, WithBase: settings.TogetherBefore, Pairs: sides.Pairs,
			Settings: settings, rule: rule, target: target, known: seen,
		})
		if err != nil {
			return findings, err
		}
		for _, f := range found {
			findings = append(findings, f.Unproved())
		}
	}
	return untwinned(findings), nil
}

// untwinned drops what a finding about an entrance says already: that the pods behind
// it may be reached through it. What they would draw that one draws.
func untwinned(findings []Finding) []Finding {
	at := map[*manifest.Object]int{}
	for i, f := range findings {
		if f.Check.ID == "service-exposed" && f.Doubt == Certain {
			at[f.Node.Object()] = i
		}
	}
	told := func(f Finding) bool {
		for _, entrance := range f.through {
			if i, exposed := at[entrance]; !exposed || findings[i].Severity < f.Severity {
				return false
			}
		}
		return len(f.through) > 0
	}
	var left []Finding
	for _, f := range findings {
		if told(f) {
			for _, entrance := range f.through {
				findings[at[entrance]].Edges = append(findings[at[entrance]].Edges, f.Edges...)
			}
		}
	}
	for _, f := range findings {
		if !told(f) {
			left = append(left, f)
		}
	}
	return left
}

// judge runs one rule; a check that panics over a hostile object must not take
// the others with it.
func judge(p *Pass) (found []Finding, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("check %s gave up on %s: %v", p.rule.ID, p.target, r)
		}
	}()
	switch {
	case p.rule.Run != nil:
		for _, object := range p.Objects {
			p.Object = object
			p.wary([]*manifest.Object{object}, p.rule.Run)
		}
	case p.rule.RunTarget != nil:
		p.wary(p.Objects, p.rule.RunTarget)
	default:
		p.rule.Check.Compare(p)
	}
	return p.findings, nil
}
