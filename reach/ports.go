package reach

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// protocols are those that policies know, in the order of a Ports.
var protocols = [3]string{"TCP", "UDP", "SCTP"}

const lastPort = 65535

// span is a range of ports, both ends included.
type span struct{ from, to int }

// Ports is a set of ports by protocol: sorted ranges that do not touch. It is
// never changed once made.
type Ports [3][]span

// AnyPort are all ports of all protocols.
func AnyPort() Ports {
	all := []span{{1, lastPort}}
	return Ports{all, all, all}
}

// portsOf are some ports of a protocol; none of one that policies do not know.
func portsOf(protocol string, from, to int) Ports {
	var p Ports
	i := slices.Index(protocols[:], cmp.Or(protocol, protocols[0]))
	if from, to = max(from, 1), min(to, lastPort); i >= 0 && from <= to {
		p[i] = []span{{from, to}}
	}
	return p
}

// Empty says that there is no port.
func (p Ports) Empty() bool { return len(p[0])+len(p[1])+len(p[2]) == 0 }

// Any says that all ports of all protocols are there.
func (p Ports) Any() bool { return p.equal(AnyPort()) }

func (p Ports) equal(q Ports) bool {
	return slices.Equal(p[0], q[0]) && slices.Equal(p[1], q[1]) && slices.Equal(p[2], q[2])
}

// Or are the ports of both.
func (p Ports) Or(q Ports) Ports {
	for i := range p {
		if len(q[i]) > 0 {
			p[i] = joined(slices.Concat(p[i], q[i]))
		}
	}
	return p
}

func joined(all []span) []span {
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []span
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to+1 {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Without are the ports of p that q has not.
func (p Ports) Without(q Ports) Ports {
	for i := range p {
		p[i] = without(p[i], q[i])
	}
	return p
}

func without(all, gone []span) []span {
	if len(gone) == 0 {
		return all
	}
	var out []span
	for _, s := range all {
		for _, g := range gone {
			if g.to < s.from || g.from > s.to {
				continue
			}
			if g.from > s.from {
				out = append(out, span{s.from, g.from - 1})
			}
			s.from = g.to + 1
		}
		if s.from <= s.to {
			out = append(out, s)
		}
	}
	return out
}

// And are the ports that both have.
func (p Ports) And(q Ports) Ports { return p.Without(p.Without(q)) }

// String names the ports for people, and as identity: "any port", or such as
// "TCP 80,8080-8090; UDP 53".
func (p Ports) String() string {
	if p.Any() {
		return "any port"
	}
	var all []string
	for i, spans := range p {
		var some []string
		for _, s := range spans {
			switch {
			case s.from == 1 && s.to == lastPort:
				some = append(some, "1-65535")
			case s.from == s.to:
				some = append(some, strconv.Itoa(s.from))
			default:
				some = append(some, strconv.Itoa(s.from)+"-"+strconv.Itoa(s.to))
			}
		}
		if len(some) > 0 {
			all = append(all, protocols[i]+" "+strings.Join(some, ","))
		}
	}
	if len(all) == 0 {
		return "no port"
	}
	return strings.Join(all, "; ")
}

// Answer is what may pass between two ends. What surely passes may pass; what is
// in May and not in Sure nobody can tell.
type Answer struct{ Sure, May Ports }

func sure(p Ports) Answer { return Answer{p, p} }

func (a Answer) or(b Answer) Answer { return Answer{a.Sure.Or(b.Sure), a.May.Or(b.May)} }

func (a Answer) and(b Answer) Answer { return Answer{a.Sure.And(b.Sure), a.May.And(b.May)} }

// doubted is the answer where it hangs on something that may be so.
func (a Answer) doubted(m Match) Answer {
	switch m {
	case No:
		return Answer{}
	case Maybe:
		return Answer{May: a.May}
	}
	return a
}
