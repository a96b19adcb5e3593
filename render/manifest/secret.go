package manifest

import (
	"encoding/base64"
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

// secretShapes are secrets that are known by what they look like.
var secretShapes = []struct {
	kind  string
	shape *regexp.Regexp
}{
	{"a private key", regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?-----END [A-Z ]+-----)?`)},
	{"an AWS access key", regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{"a GitHub token", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})`)},
	{"a GitLab token", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a Slack token", regexp.MustCompile(`\bxox[abeprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{20,}`)},
	{"a Google API key", regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}`)},
	{"a Stripe key", regexp.MustCompile(`\b[sr]k_live_[0-9A-Za-z]{20,}`)},
	{"an npm token", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"a SendGrid key", regexp.MustCompile(`\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`)},
	{"a signed token", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`)},
	{"a login in a URL", regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^/\s:@"'<>${}()%]+:[^/\s:@"'<>${}()%]{3,}@[A-Za-z0-9]`)},
}

// SecretShape tells what secret a text holds by its look alone; empty when
// nothing in it looks like one, or only a placeholder does.
func SecretShape(text string) string {
	kind, _ := shapeIn(text)
	return kind
}

func shapeIn(text string) (kind, secret string) {
	for _, s := range secretShapes {
		for _, found := range s.shape.FindAllString(text, 4) {
			if !Placeholder(found) {
				return s.kind, found
			}
		}
	}
	return "", ""
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
	if Placeholder(value) || plainValue.MatchString(value) || strings.ContainsAny(value, " \t\n") {
		return "", false
	}
	switch {
	case passwordName.MatchString(name):
		return "a password", len(value) >= 3 && !strings.EqualFold(value, name)
	case tokenName.MatchString(name):
		return "a key or token", len(value) >= 8 && digit.MatchString(value) && letter.MatchString(value) && !named(value)
	}
	return "", false
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
	var found []Readable
	for _, m := range setting.FindAllStringSubmatch(text, -1) {
		value := m[2] + m[3] + m[4]
		if kind, ok := SecretIn(m[1], value); ok {
			found = append(found, Readable{key + " " + m[1], kind, value})
		}
	}
	if kind, secret := shapeIn(text); kind != "" && len(found) == 0 {
		found = append(found, Readable{key, kind, secret})
	}
	return found
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
