package infra

import (
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/rendergate/rendergate/render/manifest"
)

// Mirror is a registry that the container runtime of nodes is told of.
type Mirror struct {
	Host     string
	Insecure string // what leaves its answers unchecked; empty where nothing does
	At       manifest.Node
	Mends    []manifest.Edit
}

// Mirrors are the registries that an object tells nodes of.
func Mirrors(o *manifest.Object) []Mirror {
	switch o.GroupKind() {
	case "talos.dev/MachineConfig":
		return talosMirrors(o.Root.Get("machine", "registries"))
	case "k3s.io/Registries":
		return k3sMirrors(o.Root)
	}
	var all []Mirror
	for _, start := range StartUps(o) {
		for _, f := range start.Files {
			if strings.Contains(f.Path, "containerd") && strings.HasSuffix(f.Path, ".toml") {
				all = append(all, containerdMirrors(f)...)
			}
		}
	}
	return all
}

func talosMirrors(registries manifest.Node) []Mirror {
	all := plainMirrors(registries.Get("mirrors"), "endpoints")
	for host, config := range registries.Get("config").Fields() {
		if at := config.Get("tls", "insecureSkipVerify"); at.IsTrue() {
			all = append(all, Mirror{host, "insecureSkipVerify", at, []manifest.Edit{manifest.SetTo(at, "false")}})
		}
	}
	return all
}

func k3sMirrors(root manifest.Node) []Mirror {
	all := plainMirrors(root.Get("mirrors"), "endpoint")
	for host, config := range root.Get("configs").Fields() {
		if at := config.Get("tls", "insecure_skip_verify"); at.IsTrue() {
			all = append(all, Mirror{host, "insecure_skip_verify", at, []manifest.Edit{manifest.SetTo(at, "false")}})
		}
	}
	return all
}

// plainMirrors are the endpoints without TLS that are not on the node itself.
func plainMirrors(mirrors manifest.Node, field string) []Mirror {
	var all []Mirror
	for host, mirror := range mirrors.Fields() {
		for endpoint := range mirror.Get(field).Items() {
			if overPlainHTTP(endpoint.Text()) {
				all = append(all, Mirror{Host: host, Insecure: endpoint.Text(), At: endpoint})
			}
		}
	}
	return all
}

// overPlainHTTP says that what is fetched passes a network without TLS.
func overPlainHTTP(address string) bool {
	rest, plain := strings.CutPrefix(address, "http://")
	host, _, _ := strings.Cut(rest, "/")
	name, _, _ := strings.Cut(host, ":")
	return plain && name != "localhost" && !strings.HasPrefix(name, "127.") && !strings.HasPrefix(host, "[::1]") && !Unknown(name)
}

// containerdMirrors reads hosts.toml and the older config.toml of containerd.
func containerdMirrors(f File) []Mirror {
	var read map[string]any
	if _, err := toml.Decode(f.Text, &read); err != nil {
		return nil
	}
	var all []Mirror
	var into func(name string, value any)
	into = func(name string, value any) {
		table, ok := value.(map[string]any)
		if !ok {
			return
		}
		for key, inner := range table {
			skips, _ := inner.(bool)
			if skips && (key == "skip_verify" || key == "insecure_skip_verify") {
				all = append(all, Mirror{Host: name, Insecure: key, At: f.At})
			}
			if server, ok := inner.(string); ok && key == "server" && overPlainHTTP(server) {
				all = append(all, Mirror{Host: server, Insecure: server, At: f.At})
			}
			into(key, inner)
		}
	}
	into(f.Path, read)
	return all
}
