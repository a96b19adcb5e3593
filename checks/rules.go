package checks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Selection is how configuration changes the catalogue, or a selection before it.
type Selection struct {
	EnableAll bool                // also the checks that are off by default
	Enable    []string            // ids of checks that are off by default
	Disable   []string            // ids
	Severity  map[string]Severity // id to severity
}

// Rules applies selections to the catalogue, each over those before it. An id
// may be a peer's, which stands for each check that bears it. An unknown id is an
// error that names it.
func Rules(all []*Check, selections ...Selection) ([]Rule, error) {
	on, severity := map[*Check]bool{}, map[*Check]Severity{}
	for _, check := range all {
		on[check] = !check.Off
	}
	for _, s := range selections {
		if err := s.apply(all, on, severity); err != nil {
			return nil, err
		}
	}
	var rules []Rule
	for _, check := range all {
		if !on[check] {
			continue
		}
		rule := Rule{Check: check, Severity: check.Severity}
		if as, set := severity[check]; set {
			rule.Severity = as
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// apply switches checks, off after on, and sets severities.
func (s Selection) apply(all []*Check, on map[*Check]bool, severity map[*Check]Severity) error {
	if s.EnableAll {
		for _, check := range all {
			on[check] = true
		}
	}
	for _, id := range s.Enable {
		if err := each(all, id, func(c *Check) { on[c] = true }); err != nil {
			return err
		}
	}
	for _, id := range s.Disable {
		if err := each(all, id, func(c *Check) { on[c] = false }); err != nil {
			return err
		}
	}
	// A check's own id outweighs what it is also called.
	for _, own := range []bool{false, true} {
		for _, id := range slices.Sorted(maps.Keys(s.Severity)) {
			as := s.Severity[id]
			if err := each(all, id, func(c *Check) {
				if own == (c.ID == id) {
					severity[c] = as
				}
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func each(all []*Check, id string, visit func(*Check)) error {
	named := Named(all, id)
	if len(named) == 0 {
		return fmt.Errorf("there is no check %q: rendergate explain lists them", id)
	}
	for _, c := range named {
		visit(c)
	}
	return nil
}

// Find returns the check with that id, else the first that is also called so;
// nil when there is none.
func Find(all []*Check, id string) *Check {
	if named := Named(all, id); len(named) > 0 {
		return named[0]
	}
	return nil
}

// Named are the check with that id, and all that bear it as an alias: a peer's
// one check may be several of ours. A peer's id counts in each of its spellings.
func Named(all []*Check, id string) []*Check {
	var named []*Check
	for _, check := range all {
		switch {
		case check.ID == id:
			return []*Check{check}
		case slices.Contains(check.Aliases, id):
			named = append(named, check)
		}
	}
	if now := spelled(id); len(named) == 0 && now != id {
		return Named(all, now)
	}
	return named
}

// peerID are ids of which tools have several spellings: KSV017, AVD-KSV-0017 and
// KSV-0017 are one, and case never tells two apart.
var peerID = regexp.MustCompile(`^(?:AVD-)?(KSV|KCV|AWS|GCP|AZU)-?(\d{1,4})$`)

func spelled(id string) string {
	upper := strings.ToUpper(id)
	if m := peerID.FindStringSubmatch(upper); m != nil {
		return m[1] + "-" + strings.Repeat("0", 4-min(4, len(m[2]))) + m[2]
	}
	if strings.HasPrefix(upper, "CKV") || strings.HasPrefix(upper, "C-") {
		return upper
	}
	return id
}
