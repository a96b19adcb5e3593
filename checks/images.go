package checks

import (
	"strings"

	"github.com/distribution/reference"
)

// image is a container image's reference as a node resolves it.
type image struct {
	name   string // with its registry: docker.io/library/nginx
	tag    string
	digest bool
}

// parseImage reads an image reference; false when it is none, as where a
// template left something open.
func parseImage(text string) (image, bool) {
	open := strings.Contains(text, "{{") || strings.Contains(text, "$(") || strings.Contains(text, "${")
	if text == "" || open {
		return image{}, false
	}
	// A tag that a template left empty still means latest to whoever fixes it.
	named, err := reference.ParseDockerRef(strings.TrimSuffix(text, ":"))
	if err != nil {
		return image{}, false
	}
	i := image{name: named.Name()}
	if tagged, ok := named.(reference.Tagged); ok {
		i.tag = tagged.Tag()
	}
	_, i.digest = named.(reference.Digested)
	return i, true
}

// host is the registry of the image.
func (i image) host() string {
	host, _, _ := strings.Cut(i.name, "/")
	return host
}

// hasPrefix says that the image lies under a prefix, which ends where a path
// element does.
func (i image) hasPrefix(prefix string) bool {
	prefix = strings.TrimSuffix(prefix, "/")
	return i.name == prefix || strings.HasPrefix(i.name, prefix+"/")
}
