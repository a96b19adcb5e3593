package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Secret is one that a text shows to everybody.
type Secret struct {
	Kind, Name string
	At         manifest.Node
}

// Secrets are those of all texts, each once, at the line where it is read first:
// a file of cloud-init is a part of a text as well.
func (s StartUp) Secrets() []Secret {
	var all []Secret
	told := map[string]bool{}
	for _, text := range s.Texts {
		all = append(all, text.secrets(told)...)
	}
	return all
}

func (t Text) secrets(told map[string]bool) []Secret {
	var all []Secret
	for _, found := range manifest.SecretsIn(t.Name, exported(t.Text)) {
		if told[found.Value] {
			continue
		}
		told[found.Value] = true
		at := t.At
		if i := strings.Index(t.Text, found.Value); i >= 0 && t.Line >= 0 {
			at = t.At.OnLine(t.Line + strings.Count(t.Text[:i], "\n") + 1)
		}
		all = append(all, Secret{found.Kind, found.Name, at})
	}
	return all
}

// exported is a script whose lines set names as a configuration file does, also where
// a text that needs no escapes has them.
func exported(text string) string { return strings.NewReplacer("export ", "", `\"`, `"`).Replace(text) }

// secretFields are the fields that hold secrets of a cluster in the clear.
var secretFields = map[string][][]string{
	"talos.dev/MachineConfig": {
		{"machine", "token"}, {"machine", "ca", "key"}, {"cluster", "secret"}, {"cluster", "token"}, {"cluster", "ca", "key"}, {"cluster", "aggregatorCA", "key"},
		{"cluster", "serviceAccount", "key"}, {"cluster", "etcd", "ca", "key"}, {"cluster", "aescbcEncryptionSecret"}, {"cluster", "secretboxEncryptionSecret"},
	},
	"k3s.io/Config": {{"token"}, {"agent-token"}, {"datastore-endpoint"}},
}

// addSecrets takes the fields of an object that hold secrets of its cluster: who
// reads a join token joins a machine of his own.
func (s *StartUp) addSecrets(o *manifest.Object) {
	for _, way := range secretFields[o.GroupKind()] {
		at := o.Root.Get(way...)
		text, line := at.Text(), 0
		if plain, ok := unpacked(text); ok && strings.Contains(plain, "PRIVATE KEY") {
			text, line = plain, -1
		}
		if text != "" && !Unknown(text) {
			s.Texts = append(s.Texts, Text{strings.Join(way, "."), text, at, line})
		}
	}
}

// k3sStartUp reads the configuration of k3s and RKE2 for what joins nodes.
func k3sStartUp(o *manifest.Object) []StartUp {
	s := startUpOf(o)
	s.addSecrets(o)
	return []StartUp{s}
}

// SecretValues are what of some objects must not be shown to anybody.
func SecretValues(objects []*manifest.Object) []string {
	var all []string
	for _, o := range objects {
		for _, way := range secretFields[o.GroupKind()] {
			all = append(all, o.Root.Get(way...).Text())
		}
		for _, root := range encryptionRoots(o) {
			all = append(all, encryptionKeys(root)...)
		}
		for _, start := range StartUps(o) {
			for _, text := range start.Texts {
				for _, found := range manifest.SecretsIn(text.Name, exported(text.Text)) {
					all = append(all, found.Value)
				}
			}
		}
	}
	return all
}

func encryptionKeys(root manifest.Node) []string {
	var all []string
	for rule := range root.Get("resources").Items() {
		for provider := range rule.Get("providers").Items() {
			for _, settings := range provider.Fields() {
				for key := range settings.Get("keys").Items() {
					all = append(all, key.Get("secret").Text())
				}
			}
		}
	}
	return all
}
