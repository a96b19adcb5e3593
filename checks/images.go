package checks

import (
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/distribution/reference"

	"github.com/rendergate/rendergate/render/manifest"
)

// image is a container image's reference as a node resolves it.
type image struct {
	name   string // with its registry: docker.io/library/nginx
	tag    string
	digest bool // one that parses
}

// digestPart splits what looks like a digest from a reference: one that is too
// short pins nothing, one of another algorithm may. What a template leaves open
// is none yet.
var digestPart = regexp.MustCompile(`^(.+)@([a-z0-9+._-]+:[0-9a-fA-F]+)$`)

// parseImage reads an image reference; false when it is none, as where a
// template left something open.
func parseImage(text string) (image, bool) {
	if text == "" || openReference.MatchString(text) {
		return image{}, false
	}
	// A tag that a template left empty still means latest to whoever fixes it.
	named, err := reference.ParseDockerRef(strings.TrimSuffix(text, ":"))
	exotic := false
	if parts := digestPart.FindStringSubmatch(text); err != nil && parts != nil {
		named, err = reference.ParseDockerRef(parts[1])
		exotic = reference.DigestRegexp.FindString(parts[2]) == parts[2] && !strings.HasPrefix(parts[2], "sha")
	}
	if err != nil {
		return image{}, false
	}
	i := image{name: named.Name()}
	if tagged, ok := named.(reference.Tagged); ok {
		i.tag = tagged.Tag()
	}
	_, digested := named.(reference.Digested)
	i.digest = digested || exotic
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

// openReference is what stands in a reference that something completes later.
var openReference = regexp.MustCompile(`\{\{|\$[({A-Za-z_]|[<>]`)

// eachImage visits the images that pods run or mount.
func eachImage(o *manifest.Object, visit func(at manifest.Node, subject manifest.Subject, user string)) {
	for pod := range o.Pods() {
		for c := range pod.Containers() {
			visit(c.Get("image"), c.Subject(), "container "+strconv.Quote(c.Name()))
		}
		for volume := range pod.Spec().Items("volumes") {
			if at := volume.Get("image", "reference"); at.Set() {
				name := volume.Get("name").Text()
				visit(at, manifest.Subject{Container: strings.TrimPrefix(pod.Name()+"/volumes["+name+"]", "/")}, "volume "+strconv.Quote(name))
			}
		}
	}
}

// Images visits the images that pods of an object run or mount, each with the
// container or volume that has it.
func Images(o *manifest.Object) iter.Seq2[manifest.Subject, manifest.Node] {
	return func(yield func(manifest.Subject, manifest.Node) bool) {
		more := true
		eachImage(o, func(at manifest.Node, subject manifest.Subject, _ string) {
			more = more && yield(subject, at)
		})
	}
}

// Repository is the name of an image with its registry, without tag and digest, as in
// docker.io/library/nginx; empty where the text is no reference of one.
func Repository(text string) string {
	i, ok := parseImage(text)
	if !ok {
		return ""
	}
	return i.name
}

// reportImages reports the images that are asked for.
func reportImages(what, accepted string, wanted func(i image) bool) func(*Pass) {
	return func(p *Pass) {
		eachImage(p.Object, func(at manifest.Node, subject manifest.Subject, user string) {
			if i, ok := parseImage(at.Text()); ok && wanted(i) {
				p.Report(at, subject, "image %q of %s %s; accepted is %s", at.Text(), user, what, accepted)
			}
		})
	}
}
