package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Encryption is what an EncryptionConfiguration says of secrets.
type Encryption struct {
	First manifest.Node // the provider that writes; absent where none is named for secrets
	Plain bool          // it writes them as they are; true as well where nobody knows
}

// Encryptions are the EncryptionConfigurations that an object is, or carries in
// a file.
func Encryptions(o *manifest.Object) []Encryption {
	var all []Encryption
	for _, root := range encryptionRoots(o) {
		all = append(all, encryptionOf(root))
	}
	return all
}

func encryptionRoots(o *manifest.Object) []manifest.Node {
	switch o.GroupKind() {
	case "apiserver.config.k8s.io/EncryptionConfiguration", "EncryptionConfig":
		return []manifest.Node{o.Root}
	}
	return embeddedIn(o, "apiserver.config.k8s.io/", "EncryptionConfiguration")
}

// encryptionOf reads one: the first rule that is about secrets holds, and the
// first provider of it writes.
func encryptionOf(root manifest.Node) Encryption {
	rules := root.Get("resources")
	for rule := range rules.Items() {
		if resources := rule.Get("resources"); resources.Undecided() {
			return Encryption{First: resources, Plain: true}
		}
		if !has(rule.Get("resources"), "secrets", "secrets.", "*.", "*.*") {
			continue
		}
		providers := rule.Get("providers")
		first := providers.Item(0)
		if providers.Unknown() {
			first = providers
		}
		return Encryption{First: first, Plain: first.Unknown() || first.Get("identity").Exists()}
	}
	return Encryption{First: rules, Plain: true}
}

// embeddedIn are the documents of a kind that the files of an object hold.
func embeddedIn(o *manifest.Object, group, kind string) []manifest.Node {
	var all []manifest.Node
	for _, f := range Files(o) {
		if !strings.Contains(f.Text, group) || Unknown(f.Text) {
			continue
		}
		docs, err := f.At.Embedded(f.Text)
		if err != nil {
			continue // no YAML, and then none of it
		}
		for _, doc := range docs {
			if doc.Get("kind").Text() == kind && strings.HasPrefix(doc.Get("apiVersion").Text(), group) {
				all = append(all, doc)
			}
		}
	}
	return all
}
