package manifest

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Redactor hides the secret values of some objects wherever they occur in
// text. The zero Redactor hides nothing.
type Redactor struct {
	replacer *strings.Replacer
	words    map[string]bool
	secrets  []string
	shown    map[string]bool
}

// secretName recognises names of values that are secrets.
var secretName = regexp.MustCompile(`(?i)(passw(or)?d|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|dsn|connection[-_]?string|auth)`)

// reference recognises names of values that only say where a secret is, or how
// it is used.
var reference = regexp.MustCompile(`(?i)(name|ref|file|path|existing\w*|enabled?|create|mount|type|class|mode|url)$`)

func looksSecret(name string) bool {
	return secretName.MatchString(name) && !reference.MatchString(name)
}

// shortest is the length below which a value is left alone: hiding every "1"
// and "true" would make reports unreadable and protect nothing.
const shortest = 5

// Secrets collects what must not be shown of some objects: the data of
// Secrets, what ConfigMaps hold of secrets, and the values of environment variables whose names look secret.
func Secrets(objects []*Object) []string {
	var found []string
	for _, o := range objects {
		if o.GroupKind() == "Secret" {
			for _, field := range []string{"data", "stringData"} {
				for _, value := range o.Root.Get(field).Fields() {
					found = append(found, value.Text())
					if plain, err := base64.StdEncoding.DecodeString(value.Text()); err == nil && field == "data" {
						found = append(found, string(plain))
					}
				}
			}
		}
		if o.GroupKind() == "ConfigMap" {
			found = append(found, o.readable()...)
		}
		if strings.HasPrefix(o.APIVersion, "terraform") {
			found = append(found, secretFields(o.Root, 0)...)
			for _, field := range []string{"set_sensitive", "set_wo"} { // of a helm_release, which says that they are
				for item := range o.Root.Get(field).Items() {
					found = append(found, item.Get("value").Text())
				}
			}
		}
		for c := range o.Containers() {
			for env := range c.Get("env").Items() {
				name, value := env.Get("name").Text(), env.Get("value").Text()
				if looksSecret(name) {
					found = append(found, value)
				}
				for _, secret := range SecretsIn(name, value) {
					found = append(found, secret.Value)
				}
			}
		}
	}
	return found
}

// secretArgument recognises what resources of Terraform call their secrets. It is
// narrower than secretName: http_tokens says required, and must be readable.
var secretArgument = regexp.MustCompile(`(?i)(password|passphrase|secret|secret_string|private_key|secret_key|access_key|api_key|token|credentials)$`)

// secretFields are the texts below a node whose fields look secret.
func secretFields(n Node, depth int) []string {
	if depth > 100 {
		return nil
	}
	var found []string
	for key, value := range n.Fields() {
		if secretArgument.MatchString(key) && value.Text() != "" {
			found = append(found, value.Text())
		}
		found = append(found, secretFields(value, depth+1)...)
	}
	for item := range n.Items() {
		found = append(found, secretFields(item, depth+1)...)
	}
	return found
}

// SecretValues collects the same from a values file or any other YAML: the
// scalars whose keys look secret. Text that is no YAML has none.
func SecretValues(data []byte) []string {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil
	}
	var found []string
	var into func(n *yaml.Node, depth int)
	into = func(n *yaml.Node, depth int) {
		if depth > 100 {
			return
		}
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 1 && c.Kind == yaml.ScalarNode && looksSecret(n.Content[i-1].Value) {
				found = append(found, c.Value)
			}
			into(c, depth+1)
		}
	}
	into(&doc, 0)
	return found
}

// word is a secret that is a word like any other, such as a user's or a
// program's name. It is hidden only where a value stands: hiding it inside of
// names and sentences would make reports unreadable.
var word = regexp.MustCompile(`^[A-Za-z]{1,12}$`)

// openWord are values that are none of what a secret is although its name says
// so: switches, and names of keys and variables.
var openWord = regexp.MustCompile(`^(?:(?i:false|default|absent|disabled|enabled)|[A-Z]+(?:_[A-Z]+)+)$`)

// NewRedactor hides the given values.
func NewRedactor(secrets []string) Redactor {
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	r := Redactor{words: map[string]bool{}, secrets: secrets}
	var pairs []string
	for _, secret := range slices.Compact(secrets) {
		for line := range strings.Lines(secret) {
			switch line = strings.TrimSpace(line); {
			case len(line) < shortest, openWord.MatchString(line):
			case word.MatchString(line):
				r.words[line] = true
			default:
				pairs = append(pairs, line, Redacted(line))
			}
		}
	}
	r.replacer = strings.NewReplacer(pairs...)
	return r
}

// Showing leaves some names as they are wherever they stand by themselves: those that
// everybody reads in what is deployed, such as a registry and a role, although a
// secret is equal to one or to a part of one. A name that a longer secret holds is
// none of them, or the rest of that secret would be shown.
func (r Redactor) Showing(names []string) Redactor {
	longer := strings.Join(r.secrets, "\x00")
	shown := map[string]bool{}
	for _, name := range names {
		if len(name) < shortest || shown[name] || strings.Contains(longer, name) && r.inLonger(name) {
			continue
		}
		shown[name] = true
	}
	r.shown = shown
	return r
}

// ShownBy is Showing with the names that another one shows.
func (r Redactor) ShownBy(other Redactor) Redactor {
	return r.Showing(slices.Collect(maps.Keys(other.shown)))
}

func (r Redactor) inLonger(name string) bool {
	return slices.ContainsFunc(r.secrets, func(secret string) bool { return len(secret) > len(name) && strings.Contains(secret, name) })
}

// nameShape is what may be an address, an image or an ARN, without the punctuation of a
// sentence behind it.
var nameShape = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._:/@+*-]*[A-Za-z0-9*]`)

// The marks that stand for a name that is shown, while secrets are hidden.
const opens, closes = "\uE000", "\uE001"

var marked = regexp.MustCompile(opens + `(\d+)` + closes)

// doubleQuoted are the texts of a source that may hide behind escapes.
var doubleQuoted = regexp.MustCompile(`"(?:[^"\\]|\\(?s:.))*"`)

// In says that a source text holds one of the secrets, however it is quoted.
func (r Redactor) In(source string) bool {
	if r.Text(source) != source {
		return true
	}
	for _, quoted := range doubleQuoted.FindAllString(source, -1) {
		var plain string
		if err := yaml.Unmarshal([]byte(quoted), &plain); err == nil && r.Text(plain) != plain {
			return true
		}
	}
	return r.Text(strings.ReplaceAll(source, "''", "'")) != strings.ReplaceAll(source, "''", "'")
}

// Sealed is what stands for a value of which nothing may be told, not even
// whether it is another's.
const Sealed = "«redacted»"

// Redacted is what stands in a report for a secret: enough to see that it
// changed, not enough to know it.
func Redacted(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "«redacted sha256:" + hex.EncodeToString(sum[:4]) + "»"
}

// Text hides the secrets in a text.
func (r Redactor) Text(text string) string {
	if r.replacer == nil || text == "" {
		return text
	}
	if len(r.shown) == 0 || strings.ContainsAny(text, opens+closes) {
		return r.hide(text)
	}
	var kept []string
	text = r.hide(nameShape.ReplaceAllStringFunc(text, func(found string) string {
		if !r.shown[found] {
			return found
		}
		kept = append(kept, found)
		return opens + strconv.Itoa(len(kept)-1) + closes
	}))
	return marked.ReplaceAllStringFunc(text, func(mark string) string {
		i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(mark, opens), closes))
		if err != nil || i >= len(kept) {
			return mark
		}
		return kept[i]
	})
}

func (r Redactor) hide(text string) string {
	text = r.replacer.Replace(text)
	if len(r.words) == 0 {
		return text
	}
	return asValue.ReplaceAllStringFunc(text, func(found string) string {
		at := asValue.FindStringSubmatchIndex(found)
		if secret := found[at[2]:at[3]]; r.words[secret] {
			return found[:at[2]] + Redacted(secret) + found[at[3]:]
		}
		return found
	})
}

// asValue is a word that stands where a value does: after a colon, an equals
// sign or a dash, in quotes, or alone on its line.
var asValue = regexp.MustCompile(`(?m)(?:["'` + "`" + `:=]\s*|-\s+|^\s*)([A-Za-z]{5,12})(?:["'` + "`" + `,;)}\]]|\s*$|\s+#)`)
