package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// managedKubelets are the kubelets of node pools of GKE and AKS, as far as those
// clouds let one set them up: a pool's, the default pool's, and what a cluster gives
// the pools that say nothing.
func managedKubelets(o *manifest.Object) []Program {
	var all []Program
	at := o.Root
	for _, part := range []struct {
		config  manifest.Node
		subject string
	}{
		{block(block(at, "node_config"), "kubelet_config"), ""},
		{block(block(at, "node_pool_defaults"), "node_config_defaults"), "node_pool_defaults"},
		{block(block(at, "node_pool_auto_config"), "node_kubelet_config"), "node_pool_auto_config"},
		{block(block(at, "default_node_pool"), "kubelet_config"), ""},
		{block(at, "kubelet_config"), ""},
	} {
		if part.config.IsMap() {
			all = append(all, managedKubelet(o, part.config, part.subject))
		}
	}
	return all
}

func managedKubelet(o *manifest.Object, config manifest.Node, subject string) Program {
	p := Program{Name: Kubelet, Of: Described(o), Flags: Flags{}, At: config, Subject: manifest.Subject{Container: subject}, Default: configured}
	p.addFields(config, map[string][]string{"allowed-unsafe-sysctls": {"allowed_unsafe_sysctls"}})
	if port := config.Get("insecure_kubelet_readonly_port_enabled"); port.Set() {
		value := "10255"
		switch {
		case isFalse(port):
			value = "0"
		case port.Unknown():
			value = ""
		}
		p.Flags["read-only-port"] = Flag{value, port}
	}
	p.write = func(flag, _ string) []manifest.Edit {
		if f, given := p.Flags[flag]; given && flag == "read-only-port" {
			return []manifest.Edit{manifest.SetTo(f.At, "FALSE")}
		}
		return nil
	}
	return p
}

// startedKubelets are the kubelets that an object's files and scripts set up when a
// node starts: a KubeletConfiguration, the settings of nodeadm, or the arguments of
// Amazon's bootstrap script.
func startedKubelets(o *manifest.Object) []Program {
	var all []Program
	for _, root := range embeddedIn(o, "kubelet.config.k8s.io/", "KubeletConfiguration") {
		all = append(all, kubeletOf(o, root, Described(o), manifest.Subject{Container: lastName(root)}))
	}
	for _, s := range StartUps(o) {
		for _, text := range s.Texts {
			all = append(all, nodeadmKubelets(s, text)...)
		}
		for _, script := range s.Scripts {
			all = append(all, bootstrapKubelets(s, script)...)
		}
	}
	return all
}

// lastName is the name of the file, in the object, that a document stands in.
func lastName(at manifest.Node) string {
	keys := at.Keys()
	for i := len(keys) - 1; i >= 0; i-- {
		if keys[i].Index < 0 {
			return keys[i].Name
		}
	}
	return ""
}

// nodeadmKubelets are those of documents of nodeadm, which holds the fields of
// KubeletConfiguration, and flags over them.
func nodeadmKubelets(s StartUp, text Text) []Program {
	if !strings.Contains(text.Text, "node.eks.aws/") || Unknown(text.Text) {
		return nil
	}
	docs, err := text.At.Embedded(text.Text)
	if err != nil {
		return nil // a script or a message, whose parts are texts of their own
	}
	var all []Program
	for _, doc := range docs {
		if doc.Get("kind").Text() != "NodeConfig" {
			continue
		}
		p := kubeletOf(nil, doc.Get("spec", "kubelet", "config"), s.Of, s.Subject)
		var words []word
		for flag := range doc.Get("spec", "kubelet", "flags").Items() {
			words = append(words, word{flag.Text(), flag})
		}
		for name, flag := range wordFlags(words) {
			p.Flags[name] = flag
		}
		p.write = nil
		all = append(all, p)
	}
	return all
}

// bootstrapKubelets are those to which a script passes arguments of their own.
func bootstrapKubelets(s StartUp, script Script) []Program {
	const passes = "--kubelet-extra-args"
	if !strings.Contains(script.Text, passes) {
		return nil
	}
	var all []Program
	for _, c := range script.Commands() {
		for i, arg := range c.Args {
			value, joined := strings.CutPrefix(arg, passes+"=")
			if arg == passes && i+1 < len(c.Args) {
				value, joined = c.Args[i+1], true
			}
			if !joined {
				continue
			}
			var words []word
			for _, one := range strings.Fields(value) {
				words = append(words, word{one, script.Place(c.Line)})
			}
			all = append(all, Program{Name: Kubelet, Of: s.Of, Flags: wordFlags(words), At: script.Place(c.Line), Subject: s.Subject, Default: configured})
		}
	}
	return all
}
