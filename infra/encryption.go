package infra

import "github.com/rendergate/rendergate/render/manifest"

// Encryption is what an EncryptionConfiguration says of secrets.
type Encryption struct {
	First manifest.Node // the provider that writes; absent where none is named for secrets
	Plain bool          // it writes them as they are
}

// EncryptionOf reads an EncryptionConfiguration: the first rule that is about
// secrets holds, and the first provider of it writes.
func EncryptionOf(o *manifest.Object) (Encryption, bool) {
	switch o.GroupKind() {
	case "apiserver.config.k8s.io/EncryptionConfiguration", "EncryptionConfig":
	default:
		return Encryption{}, false
	}
	for rule := range o.Root.Get("resources").Items() {
		for name := range rule.Get("resources").Items() {
			switch name.Text() {
			case "secrets", "secrets.", "*.", "*.*":
				first := rule.Get("providers").Item(0)
				return Encryption{First: first, Plain: first.Get("identity").Exists()}, true
			}
		}
	}
	return Encryption{First: o.Root.Get("resources"), Plain: true}, true
}
