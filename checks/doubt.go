package checks

import "github.com/rendergate/rendergate/render/manifest"

// precise are the checks that report each place by whatever decides about it,
// so that an unknown value here takes nothing from a finding there. A test holds
// that none of them fires over what nobody knows. Any other check proves nothing
// once it was led to an unknown value: wrong findings are the worse mistake.
var precise = map[string]bool{}

// wary runs a check over some objects.
func (p *Pass) wary(objects []*manifest.Object, run func(*Pass)) {
	if precise[p.rule.ID] {
		run(p)
		return
	}
	for _, o := range objects {
		o.ForgetUnknown()
	}
	before := len(p.findings)
	run(p)
	for _, o := range objects {
		if !o.MetUnknown() {
			continue
		}
		for i := range p.findings[before:] {
			p.findings[before+i].Doubt = Unprovable
		}
		return
	}
}
