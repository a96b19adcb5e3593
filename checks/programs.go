package checks

import (
	"strconv"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

// programs visits the programs of that name which the object configures.
func (p *Pass) programs(name string, visit func(infra.Program)) {
	for _, program := range p.known.programsOf(p.Object) {
		if program.Name == name {
			visit(program)
		}
	}
}

// known is what was read of the objects of a target once for all checks.
type known struct {
	programs map[*manifest.Object][]infra.Program
	openings []reach.Opening
	compared bool            // openings are what there is
	policies map[string]bool // what policies say that are in use
}

func (k *known) programsOf(o *manifest.Object) []infra.Program {
	if k == nil {
		return infra.Programs(o)
	}
	if k.programs == nil {
		k.programs = map[*manifest.Object][]infra.Program{}
	}
	all, read := k.programs[o]
	if !read {
		all = infra.Programs(o)
		k.programs[o] = all
	}
	return all
}

// flag reports a flag of a program, or the place where it is missing.
func (p *Pass) flag(program infra.Program, name, class, format string, args ...any) {
	p.Report(program.Place(name), program.Subject.Of(class), format, args...)
}

// doubts reports a flag that is given, and nobody knows as what.
func (p *Pass) doubts(program infra.Program, name, class, accepted string) {
	if program.Doubtful(name) {
		p.Suspect(program.Place(name), program.Subject.Of(class), "%s of %s: nobody knows what %s is; %s is expected", program.Name, program.Of, name, accepted)
	}
}

// given is what a program has for a flag, for messages.
func given(program infra.Program, flag string) string {
	if value := program.Value(flag); program.Given(flag) {
		return strconv.Quote(value)
	} else if value != "" {
		return "not set, which means " + strconv.Quote(value)
	}
	return "not set"
}

// setsFlag is a Mend that gives a flag of a program its accepted value.
func setsFlag(program, flag, value string) func(Finding, []*manifest.Object) []manifest.Edit {
	return func(f Finding, _ []*manifest.Object) []manifest.Edit { return flagEdits(f, program, flag, value) }
}

// flagEdits give a flag a value where a finding points at it.
func flagEdits(f Finding, program, flag, value string) []manifest.Edit {
	if value == "" {
		return nil // only a person can say
	}
	for _, candidate := range infra.Programs(f.Node.Object()) {
		if candidate.Name == program && candidate.Place(flag).Path() == f.Node.Path() {
			return candidate.Mend(flag, value)
		}
	}
	return nil
}

// weakCiphers are the suites of a list that are not among those which the CIS
// benchmarks allow.
func weakCiphers(suites []string) []string {
	var weak []string
	for _, suite := range suites {
		if suite != "" && !strongCiphers[suite] {
			weak = append(weak, suite)
		}
	}
	return weak
}

var strongCiphers = map[string]bool{
	"TLS_AES_128_GCM_SHA256": true, "TLS_AES_256_GCM_SHA384": true, "TLS_CHACHA20_POLY1305_SHA256": true,
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": true, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": true,
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305": true, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": true,
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": true, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": true,
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305": true, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": true,
}
