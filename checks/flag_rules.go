package checks

import (
	"net"
	"strconv"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

// flagRule says when a flag of a program is weak, and what is expected instead.
type flagRule struct {
	program, flag string
	weak          func(infra.Program) bool
	accepted      string // for people
	value         string // that mends it; empty where a person has to choose
}

// judges is the Run of a check that is about flags alone.
func judges(rules ...flagRule) func(*Pass) {
	return func(p *Pass) {
		for _, rule := range rules {
			p.programs(rule.program, func(program infra.Program) {
				switch {
				case rule.weak(program):
					p.Report(program.Place(rule.flag), program.Subject.Of(classOf(rules, rule)), "%s of %s: %s is %s; %s is expected",
						program.Name, program.Of, rule.flag, given(program, rule.flag), rule.accepted)
				default:
					p.doubts(program, rule.flag, classOf(rules, rule), rule.accepted)
				}
			})
		}
	}
}

// classOf names the flag only where a check is about several.
func classOf(rules []flagRule, rule flagRule) string {
	if len(rules) == 1 {
		return ""
	}
	return rule.flag
}

// mends is the Mend of such a check.
func mends(rules ...flagRule) func(Finding, []*manifest.Object) []manifest.Edit {
	return func(f Finding, _ []*manifest.Object) []manifest.Edit {
		for _, rule := range rules {
			if f.Subject.Class == classOf(rules, rule) {
				return flagEdits(f, rule.program, rule.flag, rule.value)
			}
		}
		return nil
	}
}

// leavesOut is a Mend that takes a list away, where the program's default is good.
func leavesOut(f Finding, _ []*manifest.Object) []manifest.Edit {
	if !f.Node.IsList() {
		return nil // an argument, whose name would stay
	}
	return []manifest.Edit{manifest.Remove(f.Node)}
}

// isGiven says that a flag certainly has one of some values because it is given.
func isGiven(flag string, values ...string) func(infra.Program) bool {
	return func(p infra.Program) bool { return p.Given(flag) && p.Is(flag, values...) }
}

// isSet says that a flag has any value.
func isSet(flag string) func(infra.Program) bool {
	return func(p infra.Program) bool { return p.Value(flag) != "" && p.Value(flag) != "0" }
}

// holds says that a flag certainly has one of some values: it is given, or left
// to its default where the object says all that there is.
func holds(flag string, values ...string) func(infra.Program) bool {
	return func(p infra.Program) bool { return p.Is(flag, values...) && (p.Given(flag) || p.Whole) }
}

// missing says that one of some flags that belong together is certainly not set.
func missing(flags ...string) func(infra.Program) bool {
	return func(p infra.Program) bool {
		for _, flag := range flags {
			if p.Lacks(flag) && (p.Given(flag) || p.Whole) {
				return true
			}
		}
		return false
	}
}

// listsItem says that a flag's list has an item.
func listsItem(flag, item string) func(infra.Program) bool {
	return func(p infra.Program) bool {
		for _, has := range p.List(flag) {
			if has == item {
				return p.Given(flag)
			}
		}
		return false
	}
}

// lacksItem says that a flag's list certainly lacks an item.
func lacksItem(flag, item string) func(infra.Program) bool {
	return func(p infra.Program) bool {
		if p.Lacks(flag) {
			return p.Whole
		}
		return len(p.List(flag)) > 0 && !contains(p.List(flag), item)
	}
}

// below says that a flag is a number lower than the least, or not set at all.
func below(flag string, least int) func(infra.Program) bool {
	return func(p infra.Program) bool {
		if path := p.Value("audit-log-path"); path == "-" || p.Doubtful("audit-log-path") {
			return false // the standard output, which others keep
		}
		value, err := strconv.Atoi(p.Value(flag))
		if err == nil {
			return value < least
		}
		return p.Lacks(flag) && (p.Whole || p.Given("audit-log-path"))
	}
}

func contains(list []string, item string) bool {
	for _, has := range list {
		if has == item {
			return true
		}
	}
	return false
}

// weakSuites says that a list of cipher suites has a weak one.
func weakSuites(p infra.Program) bool { return len(weakCiphers(p.List("tls-cipher-suites"))) > 0 }

// lacksCA says that a kubelet checks no client certificates. One in a
// container of its own is always told all.
func lacksCA(p infra.Program) bool {
	return p.Lacks("client-ca-file")
}

// exposed says that a program certainly listens beyond the node itself.
func exposed(p infra.Program) bool {
	address := p.Value("bind-address")
	ip := net.ParseIP(address)
	return address != "" && (p.Given("bind-address") || p.Whole) && (ip == nil || !ip.IsLoopback())
}
