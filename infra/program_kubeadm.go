package infra

import (
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// kubeadmPrograms reads kubeadm's own files and those objects of Cluster API
// that carry them.
func kubeadmPrograms(o *manifest.Object) []Program {
	var all []Program
	if config, ok := kubeadmSection(o, "clusterConfiguration"); ok || strings.HasPrefix(o.Kind, "KubeadmControlPlane") {
		if !ok {
			config = kubeadmSpec(o).Get("clusterConfiguration") // kubeadm's defaults
		}
		for _, part := range []struct{ name, field string }{
			{APIServer, "apiServer"}, {ControllerManager, "controllerManager"}, {Scheduler, "scheduler"},
		} {
			all = append(all, kubeadmProgram(o, part.name, config.Get(part.field, "extraArgs")))
		}
		if etcd := config.Get("etcd"); !etcd.Get("external").Set() {
			all = append(all, kubeadmProgram(o, Etcd, etcd.Get("local", "extraArgs")))
		}
	}
	for _, section := range []string{"initConfiguration", "joinConfiguration"} {
		if at, ok := kubeadmSection(o, section); ok {
			all = append(all, kubeadmProgram(o, Kubelet, at.Get("nodeRegistration", "kubeletExtraArgs")))
		}
	}
	return all
}

// kubeadmSpec is the KubeadmConfigSpec of Cluster API's objects.
func kubeadmSpec(o *manifest.Object) manifest.Node {
	at := o.Root.Get("spec")
	switch o.Kind {
	case "KubeadmConfigTemplate":
		return at.Get("template", "spec")
	case "KubeadmControlPlane":
		return at.Get("kubeadmConfigSpec")
	case "KubeadmControlPlaneTemplate":
		return at.Get("template", "spec", "kubeadmConfigSpec")
	}
	return at
}

// kubeadmSection finds what kubeadm calls ClusterConfiguration, and the others
// of its kinds, in a file of its own and in Cluster API's objects.
func kubeadmSection(o *manifest.Object, section string) (manifest.Node, bool) {
	if o.Group() == "kubeadm.k8s.io" {
		return o.Root, o.Kind == strings.ToUpper(section[:1])+section[1:]
	}
	at := kubeadmSpec(o).Get(section)
	return at, at.Set()
}

func kubeadmProgram(o *manifest.Object, name string, at manifest.Node) Program {
	p := Program{Name: name, Of: Described(o), Flags: Flags{}, At: at, Default: kubeadmDefaults[name]}
	for flag, value := range at.Fields() { // v1beta3
		p.Flags[flag] = Flag{value.Text(), value}
	}
	for item := range at.Items() { // v1beta4
		if flag := item.Get("name").Text(); flag != "" {
			p.Flags[flag] = Flag{item.Get("value").Text(), item.Get("value")}
		}
	}
	for _, section := range []string{"initConfiguration", "joinConfiguration"} {
		p.Elsewhere = p.Elsewhere || kubeadmSpec(o).Get(section, "patches", "directory").Text() != ""
	}
	p.write = func(flag, value string) []manifest.Edit {
		switch {
		case p.Given(flag):
			return []manifest.Edit{manifest.SetTo(p.Flags[flag].At, strconv.Quote(value))}
		case at.IsMap():
			return []manifest.Edit{manifest.SetTo(at.Get(flag), strconv.Quote(value))}
		}
		return nil // which form the version wants is not ours to guess
	}
	return p
}
