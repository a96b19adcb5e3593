package gate

import (
	"fmt"
	"slices"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
)

// environment is what the findings of a target are held against: the top level
// of base's configuration, with what its environments say of that target over it.
type environment struct {
	failOn   checks.Severity
	by       string                            // the threshold, as people know it
	images   *checks.Severity                  // the threshold of what is graded itself; nil: the same
	severity map[*checks.Check]checks.Severity // of the checks that are on
}

// blocks says that such a finding, were it new, makes the verdict fail.
func (e environment) blocks(f checks.Finding) bool {
	severity, on := e.severity[f.Check]
	failOn, _ := e.threshold(f)
	return on && failOn != checks.None && f.Of(severity) >= failOn
}

// threshold is what a finding is held against, and how people know that.
func (e environment) threshold(f checks.Finding) (checks.Severity, string) {
	if f.Graded != checks.None && e.images != nil {
		return *e.images, e.images.String() + " of images"
	}
	return e.failOn, e.by
}

// environments are all that base's configuration knows. Every check that is on
// in one of them judges every target; what an environment does not ask for is
// taken away from what was found, so that targets of several compare.
type environments struct {
	file      *config.File
	catalog   []*checks.Check                                  // the built-in checks and the policies
	tightened func(configured checks.Severity) checks.Severity // by an option
	known     map[string]environment
}

// top are the selections of the top level, that of an extended file first.
func (e *environments) top() []checks.Selection {
	var all []checks.Selection
	for _, c := range e.file.AllChecks() {
		all = append(all, known(selection(c), e.catalog))
	}
	return all
}

// rules are those of the top level and of each environment over it, each once
// and as the first has it.
func (e *environments) rules() ([]checks.Rule, error) {
	all, err := checks.Rules(e.catalog, e.top()...)
	if err != nil {
		return nil, err
	}
	for _, one := range e.file.Environments {
		more, err := checks.Rules(e.catalog, append(e.top(), known(selection(one.Checks), e.catalog))...)
		if err != nil {
			return nil, err
		}
		for _, rule := range more {
			if !slices.ContainsFunc(all, func(r checks.Rule) bool { return r.Check == rule.Check }) {
				all = append(all, rule)
			}
		}
	}
	return all, nil
}

// at is what is said of a target where it stands. Of several environments the
// later outweighs the earlier.
func (e *environments) at(t *render.Target) (environment, error) {
	var layers []config.Environment
	selections, key := e.top(), ""
	for i, one := range e.file.Environments {
		if one.Matches(t.Dir, t.ID()) {
			layers, selections = append(layers, one), append(selections, known(selection(one.Checks), e.catalog))
			key += fmt.Sprint(i, " ")
		}
	}
	if known, found := e.known[key]; found {
		return known, nil
	}
	configured, where := e.file.Threshold(), ""
	for _, one := range layers {
		if one.FailOn != "" {
			configured, where = one.FailOn, " of "+one.Match
		}
	}
	failOn, err := checks.ParseSeverity(configured)
	if err != nil {
		return environment{}, err
	}
	made := environment{failOn: e.tightened(failOn), severity: map[*checks.Check]checks.Severity{}}
	if made.by = made.failOn.String(); made.failOn == failOn {
		made.by += where
	}
	if text := e.file.Images.FailOn; text != "" {
		own, err := checks.ParseSeverity(text)
		if err != nil {
			return environment{}, err
		}
		own = e.tightened(own)
		made.images = &own
	}
	rules, err := checks.Rules(e.catalog, selections...)
	for _, rule := range rules {
		made.severity[rule.Check] = rule.Severity
	}
	e.known[key] = made
	return made, err
}

// of is what a target is held against. Where the change moves it, that is what
// is stricter of both places: nobody leaves an environment by a rename.
func (e *environments) of(t *target) (environment, error) {
	if t.base == nil || t.head == nil || t.base.Dir == t.head.Dir && t.base.ID() == t.head.ID() {
		return e.at(t.any())
	}
	before, err := e.at(t.base)
	if err != nil {
		return before, err
	}
	now, err := e.at(t.head)
	if err != nil {
		return now, err
	}
	stricter := environment{failOn: now.failOn, by: now.by, images: now.images, severity: map[*checks.Check]checks.Severity{}}
	if looser(now.failOn, before.failOn) {
		stricter.failOn, stricter.by = before.failOn, before.by
	}
	for _, one := range []environment{before, now} {
		for check, severity := range one.severity {
			stricter.severity[check] = max(stricter.severity[check], severity)
		}
	}
	return stricter, nil
}

// looser says that a threshold lets more pass than another.
func looser(a, b checks.Severity) bool {
	return b != checks.None && (a == checks.None || a > b)
}

// settle gives each finding what the environment of its target makes of it: none
// where its check is off there, else its severity and its threshold. What moved
// to where it blocks, from where it did not, is new there.
func (e *environments) settle(all []stated) ([]stated, error) {
	var settled []stated
	for _, s := range all {
		own, err := e.of(s.target)
		if err != nil {
			return nil, err
		}
		severity, on := own.severity[s.Check]
		if !on {
			continue
		}
		s.Severity = s.Of(severity)
		s.failOn, s.threshold = own.threshold(s.Finding)
		if s.bump != nil && e.file.Dependencies.FailOn != "" && (s.Graded == checks.None || own.images == nil) {
			if s, err = e.heldAgainst(s); err != nil {
				return nil, err
			}
		}
		if came := s.cameFrom(); came != nil && own.blocks(s.Finding) {
			before, err := e.at(came)
			if err != nil {
				return nil, err
			}
			if !before.blocks(s.Finding) {
				s.state = report.New
			}
		}
		settled = append(settled, s)
	}
	return settled, nil
}

// ofDependencies is the threshold of what a bump brings, in whatever environment.
func (e *environments) ofDependencies() (failOn checks.Severity, by string, err error) {
	configured, err := checks.ParseSeverity(e.file.Dependencies.FailOn)
	if err != nil {
		return failOn, "", err
	}
	if failOn = e.tightened(configured); failOn == configured {
		return failOn, failOn.String() + " of dependencies", nil
	}
	return failOn, failOn.String(), nil
}

// cameFrom is where a finding of old stood before the change; nil for one that
// stays where it was.
func (s stated) cameFrom() *render.Target {
	switch {
	case s.state != report.Kept && s.state != report.Moved:
		return nil
	case s.from != nil:
		return s.from.any()
	case s.target.base == nil || s.target.head == nil || s.target.base.ID() == s.target.head.ID():
		return nil
	}
	return s.target.base
}
