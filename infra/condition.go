package infra

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// limits are what a condition asks for: by operator and key, the values. A name
// that nobody knows is unnamed.
type limits map[string]map[string][]string

const unnamed = "?"

// Condition is under what the statement holds, as a text that tells one from
// another, whatever its layout; empty where it always holds.
func (s Statement) Condition() string {
	if !s.Conditioned() {
		return ""
	}
	all := limits{}
	at := s.Get("Condition")
	if at.Unknown() {
		all[unnamed] = nil
	}
	for operator, keys := range at.Fields() {
		all[operator] = limitsOf(keys)
	}
	// A mapping of texts is always encoded.
	text, _ := json.Marshal(all)
	return string(text)
}

func limitsOf(keys manifest.Node) map[string][]string {
	if keys.Unknown() {
		return map[string][]string{unnamed: nil}
	}
	all := map[string][]string{}
	for key, values := range keys.Fields() {
		var asked []string
		for _, at := range texts(values) {
			text := at.Partly()
			if text == "" && at.Unknown() {
				text = "${}"
			}
			asked = append(asked, text)
		}
		slices.Sort(asked)
		all[strings.ToLower(key)] = asked
	}
	return all
}

// NarrowerCondition says that what holds under one condition holds under another one as
// well: it asks for all that the other asks for, of no other values. A value that
// nobody knows may be one of those; what a condition that nobody knows asks for is
// nothing that can be relied on.
func NarrowerCondition(narrow, wide string) bool {
	if wide == "" || narrow == wide {
		return true
	}
	var n, w limits
	if json.Unmarshal([]byte(narrow), &n) != nil || json.Unmarshal([]byte(wide), &w) != nil {
		return false
	}
	for operator, keys := range w {
		for key, values := range keys {
			if operator == unnamed || key == unnamed {
				continue
			}
			if !slices.ContainsFunc(n.asked(operator, key), func(asked []string) bool { return noMore(operator, asked, values) }) {
				return false
			}
		}
	}
	return true
}

// asked are the values that a condition asks of a key by an operator, or by one
// that lets less through.
func (l limits) asked(operator, key string) [][]string {
	var all [][]string
	for _, name := range slices.Sorted(maps.Keys(l)) {
		values, asks := l[name][key]
		stricter := name == strings.TrimSuffix(operator, "IfExists") || operator == "StringLike" && name == "StringEquals" && !slices.ContainsFunc(values, wild)
		if asks && (name == operator || stricter) {
			all = append(all, values)
		}
	}
	return all
}

func wild(text string) bool { return strings.ContainsAny(text, "*?") }

// noMore says that values let no more through than others: fewer of them, or more
// where the operator says what must not be.
func noMore(operator string, narrow, wide []string) bool {
	patterns := strings.Contains(operator, "Like") || strings.Contains(operator, "Arn")
	same := func(list []string, text string) bool {
		return slices.ContainsFunc(list, func(one string) bool {
			return one == text || patterns && Includes(one, text) || left.MatchString(text) || left.MatchString(one) && !wild(text)
		})
	}
	if strings.Contains(operator, "Not") {
		narrow, wide = wide, narrow
	}
	return !slices.ContainsFunc(narrow, func(text string) bool { return !same(wide, text) })
}

// left is a part of a value that only a deployment fills in, which the variables
// of policies, such as ${aws:username}, are not.
var left = regexp.MustCompile(`\$\{([^}:]*|AWS::\w+)\}`)
