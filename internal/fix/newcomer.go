package fix

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// newcomers are the ways to put another object beside the edited one: as a
// document of its own at the end of the file that holds it. Of a template only
// if that writes the names and labels which the newcomer needs, since what a
// release fills in is another one's in the next release; and of one that is always
// there, since a policy that stays alone guards nothing.
func (r *reader) newcomers() []Way {
	file := r.Object.Origin.Path
	if ext := path.Ext(file); ext != ".yaml" && ext != ".yml" {
		return nil
	}
	var all []Way
	for _, d := range r.documents(file) {
		p := newPage(d.text, false)
		for _, root := range objectsIn(d) {
			if root.Get("kind").Text() != r.Object.Kind || r.Object.Origin.Exact && root.Line() != r.Object.Root.Line() {
				continue
			}
			if p.depths != nil && p.depths[root.Line()-1] > 0 {
				continue
			}
			all = append(all, Way{doc: d, rank: rankSource, beside: func(text string) (string, bool) { return r.inFile(root, text) }})
		}
	}
	return all
}

// inFile is the newcomer as the file has to hold it: what a build adds to the
// name, the namespace and the labels of the object it adds to the newcomer too.
func (r *reader) inFile(source manifest.Node, text string) (string, bool) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) != 1 {
		return "", false
	}
	name := source.Get("metadata", "name").Text()
	if name == "" || fromAction(name) || !strings.Contains(r.Object.Name, name) {
		return "", false
	}
	meta := field(doc.Content[0], "metadata")
	if at := field(meta, "name"); at != nil && strings.HasPrefix(at.Value, r.Object.Name) {
		at.Value = name + strings.TrimPrefix(at.Value, r.Object.Name)
	}
	namespace := source.Get("metadata", "namespace")
	if fromAction(namespace.Text()) {
		return "", false
	}
	drop(meta, func(key string) bool { return key == "namespace" && !namespace.Set() })
	if at := field(meta, "namespace"); at != nil {
		at.Value = namespace.Text()
	}
	own := source.Get(r.podKeys()...).Get("metadata", "labels")
	if labels := field(doc.Content[0], "spec", "podSelector", "matchLabels"); labels != nil {
		drop(labels, func(key string) bool { return fromAction(own.Get(key).Text()) || own.Get(key).Text() == "" })
		if len(labels.Content) == 0 {
			return "", false
		}
	}
	var b strings.Builder
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if encoder.Encode(&doc) != nil {
		return "", false
	}
	return b.String(), true
}

// podKeys are the way to the pod template of the object.
func (r *reader) podKeys() []string {
	pod, ok := r.Object.Pod()
	if !ok {
		return nil
	}
	var keys []string
	for _, key := range pod.Keys() {
		keys = append(keys, key.Name)
	}
	return keys
}

// fromAction says that an action of a template wrote a part of a text.
func fromAction(text string) bool { return strings.ContainsRune(text, masked) }

func field(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if n == nil {
			return nil
		}
		var next *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
			}
		}
		n = next
	}
	return n
}

func drop(n *yaml.Node, which func(key string) bool) {
	if n == nil {
		return
	}
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		if which(n.Content[i].Value) {
			n.Content = slices.Delete(n.Content, i, i+2)
		}
	}
}

// withNewcomers is the file's text with the objects of some edits at its end;
// false where an edit is another one.
func (w Way) withNewcomers(edits [][]manifest.Edit) (text string, made []bool) {
	made = make([]bool, len(edits))
	text = w.doc.text
	seen := map[string]bool{}
	for i, group := range edits {
		if len(group) != 1 || group[0].Op != manifest.OpBeside {
			continue
		}
		added, ok := w.beside(group[0].Value)
		if !ok {
			continue
		}
		made[i] = true
		if seen[added] {
			continue
		}
		seen[added] = true
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		if strings.Contains(text, "\r\n") {
			added = strings.ReplaceAll(added, "\n", "\r\n")
		}
		text += separator(text) + added
	}
	return text, made
}

// separator begins a document at the end of a text.
func separator(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if strings.TrimSpace(lines[len(lines)-1]) == "---" {
		return ""
	}
	if strings.Contains(text, "\r\n") {
		return "---\r\n"
	}
	return "---\n"
}
