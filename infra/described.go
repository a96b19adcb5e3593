package infra

import (
	"strconv"

	"github.com/rendergate/rendergate/render/manifest"
)

// Described is an object as messages call it; files of kubeadm have no names.
func Described(o *manifest.Object) string {
	if o.Name == "" {
		return o.Kind
	}
	return o.Kind + " " + strconv.Quote(o.Name)
}
