package infra

import (
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

func startUpOf(o *manifest.Object) StartUp {
	return StartUp{Of: Described(o)}
}

// addCommands takes a list of commands, each a script of its own.
func (s *StartUp) addCommands(lists ...manifest.Node) {
	for _, list := range lists {
		for item := range list.Items() {
			s.addScript("command", item)
		}
	}
}

// kubeadmStartUp reads kubeadm's objects of Cluster API.
func kubeadmStartUp(o *manifest.Object) []StartUp {
	s, spec := startUpOf(o), kubeadmSpec(o)
	s.addCommands(spec.Get("bootCommands"), spec.Get("preKubeadmCommands"), spec.Get("postKubeadmCommands"))
	for _, f := range Files(o) {
		s.addFile(f)
	}
	return []StartUp{s}
}

// rke2StartUp reads those of the provider for RKE2.
func rke2StartUp(o *manifest.Object) []StartUp {
	s := startUpOf(o)
	for _, spec := range []manifest.Node{o.Root.Get("spec"), o.Root.Get("spec", "template", "spec")} {
		s.addCommands(spec.Get("preRKE2Commands"), spec.Get("postRKE2Commands"))
	}
	for _, f := range Files(o) {
		s.addFile(f)
	}
	return []StartUp{s}
}

// threesStartUp reads those of the provider for k3s.
func threesStartUp(way ...string) func(o *manifest.Object) []StartUp {
	return func(o *manifest.Object) []StartUp {
		s, spec := startUpOf(o), o.Root.Get(way...)
		s.addCommands(spec.Get("preK3sCommands"), spec.Get("postK3sCommands"))
		for item := range spec.Get("files").Items() {
			s.addFile(file(item, "path", item.Get("encoding").Text() == "base64"))
		}
		return []StartUp{s}
	}
}

// eksConfigStartUp reads those of the provider for EKS.
func eksConfigStartUp(o *manifest.Object) []StartUp {
	s, spec := startUpOf(o), o.Root.Get("spec")
	if o.Kind == "EKSConfigTemplate" {
		spec = spec.Get("template", "spec")
	}
	s.addCommands(spec.Get("preBootstrapCommands"), spec.Get("postBootstrapCommands"))
	for item := range spec.Get("files").Items() {
		s.addFile(file(item, "path", item.Get("encoding").Text() == "base64"))
	}
	return []StartUp{s}
}

// karpenterStartUp reads a class of Karpenter.
func karpenterStartUp(o *manifest.Object) []StartUp {
	s := startUpOf(o)
	s.AddUserData(o.Root.Get("spec", "userData"))
	return []StartUp{s}
}

// eksctlStartUp reads the node groups of eksctl.
func eksctlStartUp(o *manifest.Object) []StartUp {
	var all []StartUp
	for _, list := range []string{"nodeGroups", "managedNodeGroups"} {
		for group := range o.Root.Get(list).Items() {
			name := group.Get("name").Text()
			s := StartUp{Of: "node group " + strconv.Quote(name), Subject: groupSubject(list, name)}
			s.addCommands(group.Get("preBootstrapCommands"))
			s.AddUserData(group.Get("overrideBootstrapCommand"))
			all = append(all, s)
		}
	}
	return all
}

// kopsStartUp reads additional user data, hooks and files.
func kopsStartUp(o *manifest.Object) []StartUp {
	s, spec := startUpOf(o), o.Root.Get("spec")
	for item := range spec.Get("additionalUserData").Items() {
		s.AddUserData(item.Get("content"))
	}
	for hook := range spec.Get("hooks").Items() {
		if hook.Get("enabled").IsFalse() {
			continue
		}
		s.unit(hook.Get("manifest"))
		if image := hook.Get("execContainer", "image"); image.Text() != "" {
			s.Packages = append(s.Packages, Installed{"container " + image.Text(), image})
		}
	}
	for _, f := range Files(o) {
		s.addFile(f)
	}
	return []StartUp{s}
}

// unit takes the commands of a systemd unit.
func (s *StartUp) unit(at manifest.Node) {
	number := 0
	for line := range strings.Lines(at.Text()) {
		number++
		key, command, found := strings.Cut(strings.TrimSpace(line), "=")
		if found && strings.HasPrefix(key, "Exec") {
			s.Scripts = append(s.Scripts, Script{strings.TrimLeft(command, "-@:+!"), at, number - 1})
		}
	}
	if at.Text() != "" {
		s.Texts = append(s.Texts, Text{"hook", at.Text(), at, 0})
	}
}

// talosStartUp reads a machine configuration: Talos has no shell.
func talosStartUp(o *manifest.Object) []StartUp {
	s, machine := startUpOf(o), o.Root.Get("machine")
	for item := range machine.Get("install", "extraKernelArgs").Items() {
		s.KernelArgs = append(s.KernelArgs, item)
	}
	for item := range machine.Get("install", "extensions").Items() {
		s.Packages = append(s.Packages, Installed{"extension " + item.Get("image").Text(), item.Get("image")})
	}
	for _, f := range Files(o) {
		s.Files = append(s.Files, f)
		s.Texts = append(s.Texts, Text{f.Path, f.Text, f.At, 0})
	}
	s.addSecrets(o)
	return []StartUp{s}
}

// cloudStartUp reads a file of cloud-config.
func cloudStartUp(o *manifest.Object) []StartUp {
	s := startUpOf(o)
	s.cloud(o.Root)
	for _, f := range s.Scripts {
		s.Texts = append(s.Texts, Text{"command", f.Text, f.At, f.Line})
	}
	return []StartUp{s}
}
