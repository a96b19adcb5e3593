package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// talosNodes reads what a machine of Talos is installed from.
func talosNodes(o *manifest.Object) []Node {
	image := o.Root.Get("machine", "install", "image")
	if image.Text() == "" || Unknown(image.Text()) {
		return nil
	}
	name := image.Text()[strings.LastIndexByte(image.Text(), '/')+1:]
	_, tag, tagged := strings.Cut(name, ":")
	pinned := tagged && tag != "latest" || strings.Contains(name, "@")
	return []Node{{Images: []Setting{{At: image, Weak: !pinned, Who: image.Text()}}}}
}
