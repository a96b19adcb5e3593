package manifest

import (
	"encoding/base64"
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Readable is a secret that anybody can read who reads the object.
type Readable struct {
	Name  string // of the key that holds it, as the text has it
	Kind  string // what it is, for people: never a part of the value
	Value string
}

// privateKey is the one secret of several lines.
var privateKey = regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?-----END [A-Z ]+-----)?`)

// secretShapes are words that are known as secrets by what they look like. Each
// holds its mark, which is looked for first: a regular expression over a
// dashboard of a megabyte takes long, and finds nothing in most.
var secretShapes = []struct {
	kind, mark string
	shape      *regexp.Regexp
}{
	{"an AWS access key", "AKIA", regexp.MustCompile(`\bAKIA[A-Z0-9]{16}\b`)},
	{"an AWS access key", "ASIA", regexp.MustCompile(`\bASIA[A-Z0-9]{16}\b`)},
	{"a GitHub token", "gh", regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{36,}`)},
	{"a GitHub token", "github_pat_", regexp.MustCompile(`\bgithub_pat_[A-Za-z0-9_]{22,}`)},
	{"a GitLab token", "glpat-", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a Slack token", "xox", regexp.MustCompile(`\bxox[abeprs]-[A-Za-z0-9-]{10,}`)},
	{"a Slack token", "hooks.slack.com/", regexp.MustCompile(`hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{20,}`)},
	{"a Google API key", "AIza", regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}`)},
	{"a Stripe key", "k_live_", regexp.MustCompile(`\b[sr]k_live_[0-9A-Za-z]{20,}`)},
	{"an npm token", "npm_", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"a SendGrid key", "SG.", regexp.MustCompile(`\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`)},
	{"a signed token", ".eyJ", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`)},
	{"a login in a URL", "://", regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^/\s:@"'<>${}()%]+:[^/\s:@"'<>${}()%]{3,}@[A-Za-z0-9]`)},
}

// SecretShape tells what secret a text holds by its look alone; empty when
// nothing in it looks like one, or only a placeholder does.
func SecretShape(text string) string {
	kind, _ := shapeIn(text)
	return kind
}

func shapeIn(text string) (kind, secret string) {
	if strings.Contains(text, "PRIVATE KEY") {
		if found := privateKey.FindString(text); found != "" {
			return "a private key", found
		}
	}
	for _, s := range secretShapes {
		for word := range wordsWith(s.mark, text) {
			for _, found := range s.shape.FindAllString(word, -1) {
				if !Placeholder(found) {
					return s.kind, found
				}
			}
		}
	}
	return "", ""
}

// wordsWith are the words of a text, as white space parts them, that hold a mark.
func wordsWith(mark, text string) iter.Seq[string] {
	const space = " \t\r\n\v\f"
	return func(yield func(string) bool) {
		for {
			at := strings.Index(text, mark)
			if at < 0 {
				return
			}
			start, end := strings.LastIndexAny(text[:at], space)+1, len(text)
			if stop := strings.IndexAny(text[at:], space); stop >= 0 {
				end = at + stop
			}
			if !yield(text[start:end]) {
				return
			}
			text = text[end:]
		}
	}
}

// placeholders are what stands where a secret is put later, by a person or a
// program.
var placeholders = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
	`<.*>`, `\$\{.*\}.*`, `\$\(.*\)`, `\$[A-Z_]+`, `%[A-Z_]+%`, `\{\{.*\}\}`, `\[.*\]`, `__.*__`, `@.*@`, `#\{.*\}#?`,
	`x{3,}`, `\*{3,}`, `\.{3}`, `-+`, `0+`, `none|null|nil|n/a|undefined|unset|empty|default|disabled`, `todo.*|fixme.*|tbd`,
	`.*(?:change|replace|fill|insert|update|set)[-_ ]?(?:me|this|it|in|with).*`, `.*placeholder.*`, `.*redacted.*`,
	`your?[-_ ].*`, `.*[-_ ]here`, `(?:dummy|fake|sample|example)(?:[-_ ].*)?`, `.*EXAMPLE(?:KEY)?`,
	`ENC\[.*`, `vault:.*`, `ref\+.*`, `op://.*`, `arn:aws:.*`, `projects/.*/secrets/.*`, `secret(?:ref)?://.*`, `AgB[A-Za-z0-9+/=]{60,}`,
}, "|") + `)$`)

// Placeholder says that a value is none, or stands for one that is put in later.
func Placeholder(text string) bool {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	return text == "" || placeholders.MatchString(text) || strings.Contains(text, "ENC[AES256_GCM")
}

// words are names of values that are passwords, whatever they look like, and of
// those that are secrets where they look like one.
var (
	passwordName = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:[a-z]*(?:password|passwd|passphrase)|pass|pwd)$`)
	tokenName    = regexp.MustCompile(`(?i)(?:secret|token|api[-_.]?key|access[-_.]?key|secret[-_.]?key|private[-_.]?key|auth[-_.]?key|encryption[-_.]?key|signing[-_.]?key|credentials?|connection[-_.]?string|dsn)$`)
	plainValue   = regexp.MustCompile(`^(?:/[\w./-]*|\.{0,2}/.*|(?i:true|false|yes|no|on|off)|\d+[a-z]{0,2}|[a-z]+://[^@]*)$`)
	digit        = regexp.MustCompile(`\d`)
	letter       = regexp.MustCompile(`[A-Za-z]`)
)

// SecretIn tells of a setting whether its value is a secret that anybody can
// read: by its look, or because its name says so and the value is none of what
// such settings hold otherwise (a path, a switch, the name of a Secret).
func SecretIn(name, value string) (kind string, ok bool) {
	if kind := SecretShape(value); kind != "" {
		return kind, true
	}
	value = strings.TrimSpace(value)
	password := passwordName.MatchString(name)
	if !password && !tokenName.MatchString(name) {
		return "", false
	}
	if Placeholder(value) || plainValue.MatchString(value) || strings.ContainsAny(value, " \t\n") {
		return "", false
	}
	if password {
		return "a password", len(value) >= 3 && !strings.EqualFold(value, name)
	}
	return "a key or token", len(value) >= 8 && digit.MatchString(value) && letter.MatchString(value) && !named(value)
}

// named says that a value is a name or a list of settings, and no key: words
// with short numbers between them, as in shop-cluster-2.
func named(value string) bool {
	if strings.Contains(value, ",") {
		return true
	}
	parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune("-_./:", r) })
	for _, part := range parts {
		if len(part) > 3 && !wordPart.MatchString(part) {
			return false
		}
	}
	return len(parts) > 1
}

// wordPart is a word, in one case or with a capital in front.
var wordPart = regexp.MustCompile(`^[A-Z]?(?:[a-z]+|[A-Z]+)$`)

// setting is a line of a configuration file that gives something a value.
var setting = regexp.MustCompile(`(?m)^[\s-]*(?:export\s+)?["']?([A-Za-z][\w.-]*)["']?\s*[:=]\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"'#,;{}\[\]]+))[\s,;]*(?:#.*)?$`)

// maxSetting bounds the text that is looked through for secrets.
const maxSetting = 1 << 20

// secretWords are in the names of all settings that are secrets by their names.
var secretWords = []string{"pass", "pwd", "secret", "token", "key", "credential", "connection", "dsn"}

// mayName says that a text, in lower case, has a word of secretWords.
func mayName(lower string) bool {
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(lower, word) })
}

// SecretsIn finds the secrets of a text under a key: the text itself, or what
// the lines of a configuration file set.
func SecretsIn(key, text string) []Readable {
	if len(text) > maxSetting {
		return nil
	}
	if !strings.Contains(strings.TrimSpace(text), "\n") {
		if kind, ok := SecretIn(key, text); ok {
			return []Readable{{key, kind, text}}
		}
	}
	shape, secret := shapeIn(text)
	var found []Readable
	for name, value := range settings(text, shape != "") {
		if kind, ok := SecretIn(name, value); ok {
			found = append(found, Readable{key + " " + name, kind, value})
		}
	}
	if shape != "" && len(found) == 0 {
		found = append(found, Readable{key, shape, secret})
	}
	return found
}

// settings are what the lines of a text give a value: all of them, or those
// whose names may say that the value is a secret.
func settings(text string, all bool) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if !all && !mayName(strings.ToLower(text)) {
			return
		}
		for len(text) > 0 {
			line, rest, _ := strings.Cut(text, "\n")
			if strings.TrimSpace(line) != "" && (all || mayName(strings.ToLower(line))) {
				// A value may stand on the line below its name.
				window := text[:len(text)-len(rest)] + firstLine(rest)
				m := setting.FindStringSubmatchIndex(window)
				if m != nil && m[2] <= len(line) && !yield(window[m[2]:m[3]], valueOf(window, m)) {
					return
				}
			}
			text = rest
		}
	}
}

// firstLine is the first line of a text that is not empty, and what is above it.
func firstLine(text string) string {
	blank := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	line, _, _ := strings.Cut(text[blank:], "\n")
	return text[:blank+len(line)]
}

// valueOf is the value of a setting: quoted either way, or bare.
func valueOf(text string, m []int) string {
	for group := 4; group < len(m); group += 2 {
		if m[group] >= 0 {
			return text[m[group]:m[group+1]]
		}
	}
	return ""
}

// SecretData are the entries of a Secret as programs get them, in the order of
// the text: stringData as it is, data decoded.
func (o *Object) SecretData() []Entry {
	var all []Entry
	for _, field := range []string{"data", "stringData"} {
		for key, at := range o.Root.Get(field).Fields() {
			text := at.Text()
			if field == "data" {
				plain, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
				if err == nil {
					text = string(plain)
				}
			}
			all = append(all, Entry{key, text, at})
		}
	}
	return all
}

// Entry is a key of a Secret or ConfigMap with its text.
type Entry struct {
	Key, Text string
	At        Node
}

// Binary says that the entry is no text.
func (e Entry) Binary() bool { return !utf8.ValidString(e.Text) }

// Encrypted says that a tool encrypted the values of an object, as SOPS does.
func (o *Object) Encrypted() bool {
	return o.Root.Get("sops").IsMap()
}

// readable are the secrets of a ConfigMap that anybody can read.
func (o *Object) readable() []string {
	var found []string
	for key, at := range o.Root.Get("data").Fields() {
		for _, r := range SecretsIn(key, at.Text()) {
			found = append(found, r.Value)
		}
	}
	return slices.Compact(found)
}
