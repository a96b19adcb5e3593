package infra

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// k3sPrograms reads config.yaml of k3s and RKE2, whose keys are the flags of
// their own command line.
func k3sPrograms(o *manifest.Object) []Program {
	return distributionPrograms(o, o.Root, func(program string) string { return program + "-arg" })
}

// rke2Programs reads the same settings of Cluster API's provider for RKE2.
func rke2Programs(o *manifest.Object) []Program {
	at := o.Root.Get("spec")
	if o.Kind == "RKE2ControlPlaneTemplate" {
		at = at.Get("template", "spec")
	}
	fields := map[string]string{APIServer: "kubeAPIServer", ControllerManager: "kubeControllerManager", Scheduler: "kubeScheduler", Etcd: "etcd"}
	var all []Program
	for _, name := range []string{APIServer, ControllerManager, Scheduler} {
		all = append(all, listedProgram(o, name, at.Get("serverConfig", fields[name], "extraArgs")))
	}
	return append(all, agentKubelet(o, at.Get("agentConfig"))...)
}

// rke2Kubelet is the kubelet of the nodes that a configuration of RKE2 makes.
func rke2Kubelet(way ...string) func(o *manifest.Object) []Program {
	return func(o *manifest.Object) []Program { return agentKubelet(o, o.Root.Get(way...)) }
}

func agentKubelet(o *manifest.Object, agent manifest.Node) []Program {
	args := agent.Get("kubelet", "extraArgs")
	protects := agent.Get("protectKernelDefaults")
	if !args.Set() && !protects.Set() {
		return nil
	}
	p := listedProgram(o, Kubelet, args)
	if protects.Set() && !p.Given("protect-kernel-defaults") {
		p.Flags["protect-kernel-defaults"] = Flag{protects.Text(), protects}
	}
	return []Program{p}
}

// threesPrograms reads the settings of Cluster API's provider for k3s.
func threesPrograms(way ...string) func(o *manifest.Object) []Program {
	return func(o *manifest.Object) []Program {
		spec := o.Root.Get(way...)
		var all []Program
		for _, part := range []struct{ name, field string }{
			{APIServer, "kubeAPIServerArg"}, {ControllerManager, "kubeControllerManagerArgs"}, {Scheduler, "kubeSchedulerArgs"},
		} {
			all = append(all, listedProgram(o, part.name, spec.Get("serverConfig", part.field)))
		}
		return append(all, threesKubelet(append(way, "agentConfig")...)(o)...)
	}
}

// threesKubelet is the kubelet of nodes of k3s.
func threesKubelet(way ...string) func(o *manifest.Object) []Program {
	return func(o *manifest.Object) []Program {
		if args := o.Root.Get(way...).Get("kubeletArgs"); args.Set() {
			return []Program{listedProgram(o, Kubelet, args)}
		}
		return nil
	}
}

func distributionPrograms(o *manifest.Object, at manifest.Node, key func(string) string) []Program {
	var all []Program
	server := isServer(at)
	for _, name := range wholePrograms {
		list := at.Get(key(name))
		if list.Set() || name == APIServer && server {
			all = append(all, listedProgram(o, name, list))
		}
	}
	for i := range all {
		p := &all[i]
		if p.Name == Kubelet && at.Get("protect-kernel-defaults").Set() && !p.Given("protect-kernel-defaults") {
			p.Flags["protect-kernel-defaults"] = Flag{at.Get("protect-kernel-defaults").Text(), at.Get("protect-kernel-defaults")}
		}
		if p.Name == APIServer {
			p.addSwitch("encryption-provider-config", at.Get("secrets-encryption"))
		}
		for own, flag := range map[string]string{"audit-policy-file": "audit-policy-file", "anonymous-auth": "anonymous-auth"} {
			if f := at.Get(own); p.Name == APIServer && f.Set() && !p.Given(flag) {
				p.Flags[flag] = Flag{f.Text(), f}
			}
		}
	}
	return all
}

// isServer says that a configuration is a server's and not an agent's, by a
// key that only servers know.
func isServer(at manifest.Node) bool {
	return slices.ContainsFunc(serverKeys, func(key string) bool { return at.Get(key).Set() })
}

var serverKeys = []string{
	"cluster-init", "tls-san", "disable", "write-kubeconfig-mode", "cluster-cidr", "service-cidr", "secrets-encryption", "etcd-snapshot-schedule-cron",
	"kube-apiserver-arg", "kube-controller-manager-arg", "kube-scheduler-arg", "flannel-backend", "disable-network-policy", "disable-cloud-controller", "cni",
	"datastore-endpoint", "etcd-expose-metrics", "advertise-address",
}

// listedProgram reads flags that stand as a list of k=v, or as one such text.
func listedProgram(o *manifest.Object, name string, at manifest.Node) Program {
	p := Program{Name: name, Of: Described(o), Flags: Flags{}, At: at, Default: hardened[name]}
	add := func(word manifest.Node) {
		flag, value, given := strings.Cut(strings.TrimLeft(word.Text(), "-"), "=")
		if !given {
			value = "true"
		}
		p.Flags[flag] = Flag{value, word}
	}
	if at.Text() != "" {
		add(at)
	}
	for word := range at.Items() {
		add(word)
	}
	p.write = func(flag, value string) []manifest.Edit {
		switch {
		case p.Given(flag) && !isArgument(p.Flags[flag].At, flag):
			return []manifest.Edit{manifest.SetTo(p.Flags[flag].At, value)} // a key of its own
		case p.Given(flag):
			return []manifest.Edit{manifest.SetTo(p.Flags[flag].At, strconv.Quote(flag+"="+value))}
		case at.IsList():
			return []manifest.Edit{manifest.AppendTo(at, strconv.Quote(flag+"="+value))}
		}
		return nil
	}
	return p
}

// isArgument says that a text is the flag with its value, and not the value alone.
func isArgument(at manifest.Node, flag string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(at.Text(), "-"), "=")
	return name == flag
}
