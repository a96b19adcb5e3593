package infra

import (
	"strconv"

	"github.com/rendergate/rendergate/render/manifest"
)

// eksctlPrograms reads the kubelets of eksctl's node groups.
func eksctlPrograms(o *manifest.Object) []Program {
	var all []Program
	for _, list := range []string{"nodeGroups", "managedNodeGroups"} {
		for group := range o.Root.Get(list).Items() {
			if at := group.Get("kubeletExtraConfig"); at.Set() {
				name := group.Get("name").Text()
				all = append(all, kubeletOf(o, at, "node group "+strconv.Quote(name), groupSubject(list, name)))
			}
		}
	}
	return all
}

// groupSubject names a node group among several of one object.
func groupSubject(list, name string) manifest.Subject {
	return manifest.Subject{Container: list + "[" + name + "]"}
}
