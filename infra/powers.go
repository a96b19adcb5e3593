package infra

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Power is what a statement of a policy allows by one of its actions.
type Power struct {
	Action      string // as it is written; with Not the ones that are left out
	Not         bool
	Resources   []string // as much as is known of them, sorted
	Conditioned bool
	Statement   Statement
	At          manifest.Node // the action; unknown where something that decides is
}

// Powers are what the permissions of a policy allow, without what it denies
// whole. What nobody knows may be anything, and is the place of its power.
func (p IAMPolicy) Powers() []Power {
	var all []Power
	for _, s := range p.Statements {
		if s.Unknown() {
			all = append(all, Power{Action: "*", Resources: []string{"*"}, Statement: s, At: s.Node})
			continue
		}
		effect := s.Get("Effect")
		if !effect.Unknown() && !s.Allows() || s.ofResource() && !s.Get("Principal").Unknown() {
			continue
		}
		resources, unclear := s.resources()
		unclear = firstKnown(unclear, effect, s.Get("Principal"))
		for _, power := range s.actions() {
			power.Resources, power.Statement, power.Conditioned = resources, s, s.Conditioned()
			denied, perhaps := p.denies(power)
			if denied {
				continue
			}
			if at := firstKnown(unclear, perhaps); at.Exists() && !power.At.Unknown() {
				power.At = at
			}
			all = append(all, power)
		}
	}
	return all
}

// firstKnown is the first of some places that is unknown; absent where all are
// clear.
func firstKnown(at ...manifest.Node) manifest.Node {
	for _, n := range at {
		if n.Unknown() {
			return n
		}
	}
	return manifest.Node{}
}

func (s Statement) actions() []Power {
	var all []Power
	for _, at := range s.Texts("Action") {
		action := at.Text()
		if at.Unknown() {
			action = "*"
		}
		all = append(all, Power{Action: action, At: at})
	}
	if but := s.Get("NotAction"); but.Set() {
		var left []string
		for _, at := range texts(but) {
			left = append(left, at.Partly())
		}
		slices.Sort(left)
		power := Power{Action: strings.Join(left, ","), Not: true, At: but}
		if items := texts(but); len(items) > 0 && !but.Undecided() {
			power.At = items[0]
		}
		all = append(all, power)
	}
	return all
}

// resources are what the statement is about, and the place that may be anything
// where there is one. What belongs to a resource that is declared is not.
func (s Statement) resources() (all []string, unclear manifest.Node) {
	for _, at := range s.Texts("Resource") {
		text := at.Partly()
		if at.Unknown() && givenOnly.MatchString(text) {
			unclear, text = at, "*"
		}
		all = append(all, text)
	}
	if but := s.Get("NotResource"); but.Set() {
		all = append(all, "*")
		if but.Unknown() {
			unclear = but
		}
	}
	slices.Sort(all)
	return slices.Compact(all), unclear
}

// givenOnly is a text that is nothing but what a module is given, or what nobody can
// name.
var givenOnly = regexp.MustCompile(`^(\$\{(module\.[\w.-]+\.)?(var|each|count|local)?(\.[\w.-]+)?\})?$`)

// denies says that the policy takes a power away again, whole and always, and
// where it may do so although nobody knows.
func (p IAMPolicy) denies(power Power) (denied bool, perhaps manifest.Node) {
	for _, s := range p.Statements {
		if !s.Denies() || s.ofResource() || power.Not {
			continue
		}
		unknown := firstKnown(s.Get("Action"), s.Get("NotAction"), s.Get("Resource"), s.Get("Condition"))
		if unknown.Exists() {
			perhaps = unknown
			continue
		}
		resources, _ := s.resources()
		if s.Conditioned() || !slices.Contains(resources, "*") {
			continue
		}
		for _, a := range s.actions() {
			if a.At.Unknown() {
				perhaps = a.At
				continue
			}
			names := strings.Split(a.Action, ",")
			if covered := slices.ContainsFunc(names, func(n string) bool { return matches(n, power.Action) || a.Not && matches(power.Action, n) }); covered != a.Not {
				return true, manifest.Node{}
			}
		}
	}
	return false, perhaps
}

// Limit is the condition of the power where nobody knows it, so that it may be
// none; absent where it is known.
func (p Power) Limit() manifest.Node {
	if !p.Conditioned {
		return manifest.Node{}
	}
	return firstKnown(p.Statement.Get("Condition"))
}

// Gives says that the power is one to do an action.
func (p Power) Gives(action string) bool {
	if !p.Not {
		return matches(p.Action, action)
	}
	return !slices.ContainsFunc(strings.Split(p.Action, ","), func(left string) bool { return matches(left, action) })
}

// Anything says that the power is over whatever the account has of a kind: every
// resource, or all of a type.
func (p Power) Anything() bool { return slices.ContainsFunc(p.Resources, anythingOf.MatchString) }

// Everything says that the power is over every resource.
func (p Power) Everything() bool { return slices.ContainsFunc(p.Resources, everythingOf.MatchString) }

var (
	anythingOf   = regexp.MustCompile(`^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:(\*|[a-z*-]+[/:]\*))$`)
	everythingOf = regexp.MustCompile(`^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*)$`)
)

// All says that the power is over all actions.
func (p Power) All() bool {
	return !p.Not && (p.Action == "*" || p.Action == "*:*" || strings.Trim(p.Action, "*") == "" && p.Action != "")
}

// Service is the service of which the power has all actions; empty where it has
// not. All actions are all of every service.
func (p Power) Service() string {
	service, name, found := strings.Cut(p.Action, ":")
	switch {
	case p.Not:
		return ""
	case p.All():
		return "*"
	case found && name != "" && strings.Trim(name, "*") == "":
		return service
	}
	return ""
}

// If stands in classes before the condition of a power.
const If = " if "

// String is what the power is called in classes: s3:* on arn:aws:s3:::logs/*, and
// after that the condition under which it is given, since without it is more.
func (p Power) String() string {
	action := p.Action
	if p.Not {
		action = "not " + action
	}
	text := action + " on " + strings.Join(p.Resources, ",")
	if condition := p.Statement.Condition(); condition != "" {
		text += If + condition
	}
	return text
}
