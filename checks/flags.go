package checks

import (
	"path"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// flags are the command-line flags of a program, however a manifest holds
// them. The last of equal names counts, as with the programs themselves.
type flags map[string]flag

// flag is a value and where it stands.
type flag struct {
	value string
	at    manifest.Node
}

// commandFlags reads the flags of a container that runs the program: --k=v and
// --k v, in command as well as in args. False when it runs something else.
func commandFlags(c manifest.Container, program string) (flags, bool) {
	var words []manifest.Node
	for _, field := range []string{"command", "args"} {
		for word := range c.Get(field).Items() {
			words = append(words, word)
		}
	}
	start := -1
	for i, word := range words {
		if path.Base(strings.TrimSpace(word.Text())) == program {
			start = i
			break
		}
	}
	if start < 0 {
		return nil, false
	}
	return readFlags(words[start+1:]), true
}

func readFlags(words []manifest.Node) flags {
	found := flags{}
	for i, word := range words {
		name, isFlag := strings.CutPrefix(word.Text(), "--")
		if !isFlag {
			continue
		}
		name, value, given := strings.Cut(name, "=")
		if !given && i+1 < len(words) && !strings.HasPrefix(words[i+1].Text(), "--") {
			value, given = words[i+1].Text(), true
		}
		if !given {
			value = "true" // a boolean flag by itself
		}
		found[name] = flag{value, word}
	}
	return found
}

// extraArgs reads kubeadm's arguments: the mapping of v1beta3, and the list of
// names and values of v1beta4.
func extraArgs(at manifest.Node) flags {
	found := flags{}
	for name, value := range at.Fields() {
		found[name] = flag{value.Text(), value}
	}
	for item := range at.Items() {
		if name := item.Get("name").Text(); name != "" {
			found[name] = flag{item.Get("value").Text(), item.Get("value")}
		}
	}
	return found
}

// set says that a flag is there and not empty.
func (f flags) set(name string) bool { return f[name].value != "" || f[name].at.Unknown() }

// kubeadmConfig finds what kubeadm calls ClusterConfiguration in a file of its
// own and in Cluster API's objects; false for other objects.
func kubeadmConfig(o *manifest.Object, section string) (manifest.Node, bool) {
	kind := strings.ToUpper(section[:1]) + section[1:]
	switch o.Group() {
	case "kubeadm.k8s.io":
		if o.Kind == kind {
			return o.Root, true
		}
	case "bootstrap.cluster.x-k8s.io", "controlplane.cluster.x-k8s.io":
		for _, at := range [][]string{
			{"spec", section}, {"spec", "kubeadmConfigSpec", section}, {"spec", "template", "spec", section},
			{"spec", "template", "spec", "kubeadmConfigSpec", section},
		} {
			if n := o.Root.Get(at...); n.Set() {
				return n, true
			}
		}
	}
	return manifest.Node{}, false
}
