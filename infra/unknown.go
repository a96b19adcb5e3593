package infra

import "strings"

// Unknown says that a text is filled in later, so that nobody can tell what it
// will be. Such a value is no finding.
func Unknown(text string) bool {
	for _, mark := range []string{"${", "{{", "$(", "<%", "{%"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}
