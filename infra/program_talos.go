package infra

import (
	"strconv"

	"github.com/rendergate/rendergate/render/manifest"
)

// talosPrograms reads a machine configuration of Talos, or a patch of one.
// Only what it overrides is judged: its defaults are closed.
func talosPrograms(o *manifest.Object) []Program {
	var all []Program
	cluster, machine := o.Root.Get("cluster"), o.Root.Get("machine")
	for _, part := range []struct{ name, field string }{
		{APIServer, "apiServer"}, {ControllerManager, "controllerManager"}, {Scheduler, "scheduler"}, {Etcd, "etcd"},
	} {
		if at := cluster.Get(part.field); at.Set() {
			all = append(all, mappedProgram(o, part.name, at.Get("extraArgs"), talosDefaults[part.name]))
		}
	}
	if at := machine.Get("kubelet"); at.Set() {
		kubelet := mappedProgram(o, Kubelet, at.Get("extraArgs"), talosDefaults[Kubelet])
		for flag, f := range kubeletOf(o, at.Get("extraConfig"), "", manifest.Subject{}).Flags {
			if !kubelet.Given(flag) {
				kubelet.Flags[flag] = f
			}
		}
		kubelet.write = fieldOrFlag(kubelet, at)
		all = append(all, kubelet)
	}
	return all
}

// fieldOrFlag mends a flag where it is given, in its own kind of value.
func fieldOrFlag(p Program, at manifest.Node) func(string, string) []manifest.Edit {
	return func(flag, value string) []manifest.Edit {
		f, given := p.Flags[flag]
		switch {
		case !given || f.At.IsList():
			return nil
		case f.At.YAML() == at.Get("extraArgs", flag).YAML():
			return []manifest.Edit{manifest.SetTo(f.At, strconv.Quote(value))}
		}
		return []manifest.Edit{manifest.SetTo(f.At, value)}
	}
}

// mappedProgram reads flags that stand as keys and values.
func mappedProgram(o *manifest.Object, name string, at manifest.Node, defaults map[string]string) Program {
	p := Program{Name: name, Of: Described(o), Flags: Flags{}, At: at, Default: defaults}
	for flag, value := range at.Fields() {
		text := value.Text()
		if value.IsList() { // Talos 1.12 takes several values
			for item := range value.Items() {
				text = item.Text()
			}
		}
		p.Flags[flag] = Flag{text, value}
	}
	p.write = func(flag, value string) []manifest.Edit {
		return []manifest.Edit{manifest.SetTo(at.Get(flag), strconv.Quote(value))}
	}
	return p
}
