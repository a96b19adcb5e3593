package infra

import "strings"

// matches says that a pattern of IAM, in which * and ? stand for others, is the
// one of a text: case has no meaning in actions.
func matches(pattern, text string) bool {
	return glob(strings.ToLower(pattern), strings.ToLower(text))
}

// Includes says that all that a pattern stands for another one stands for too.
// It errs on no.
func Includes(wide, narrow string) bool { return glob(wide, narrow) }

// glob matches with a memory of the last *, so that it takes no more than the
// product of both lengths. A * or ? of the text is matched as whatever it stands
// for: by the same, or by a *.
func glob(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == text[t] || pattern[p] == '?' && text[t] != '*'):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
