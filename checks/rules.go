package checks

import (
	"fmt"
	"slices"
)

// Selection is how configuration changes the catalogue.
type Selection struct {
	EnableAll bool                // also the checks that are off by default
	Enable    []string            // ids of checks that are off by default
	Disable   []string            // ids
	Severity  map[string]Severity // id to severity
}

// Rules applies a selection to the catalogue. An unknown id is an error that
// names it.
func Rules(all []*Check, s Selection) ([]Rule, error) {
	for _, id := range slices.Concat(s.Enable, s.Disable) {
		if Find(all, id) == nil {
			return nil, fmt.Errorf("there is no check %q: rendergate explain lists them", id)
		}
	}
	for id := range s.Severity {
		if Find(all, id) == nil {
			return nil, fmt.Errorf("there is no check %q: rendergate explain lists them", id)
		}
	}
	var rules []Rule
	for _, check := range all {
		on := !check.Off || s.EnableAll || slices.Contains(s.Enable, check.ID)
		if !on || slices.Contains(s.Disable, check.ID) {
			continue
		}
		rule := Rule{Check: check, Severity: check.Severity}
		if severity, set := s.Severity[check.ID]; set {
			rule.Severity = severity
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// Find returns the check with that id or alias, nil when there is none.
func Find(all []*Check, id string) *Check {
	for _, check := range all {
		if check.ID == id || slices.Contains(check.Aliases, id) {
			return check
		}
	}
	return nil
}
