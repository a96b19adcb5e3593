package infra

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// PublicNames are the names in some objects that are no secrets wherever else they
// stand: what images are pulled from, and whom ARNs name. A reviewer has to read which
// registry and which role a finding is about.
func PublicNames(objects []*manifest.Object) []string {
	var all []string
	for _, o := range objects {
		if o.GroupKind() == "Secret" {
			continue
		}
		for c := range o.Containers() {
			all = append(all, imageNames(c.Get("image").Text())...)
		}
		all = append(all, arnsIn(o.Root.YAML(), 0)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// imageNames are an image, its repository and its registry.
func imageNames(image string) []string {
	if image == "" || Unknown(image) {
		return nil
	}
	repository, _, _ := strings.Cut(image, "@")
	all := []string{image, repository}
	if i := strings.LastIndexByte(repository, ':'); i > strings.LastIndexByte(repository, '/') {
		repository = repository[:i]
	}
	all = append(all, repository)
	if host, rest, found := strings.Cut(repository, "/"); found && strings.ContainsAny(host, ".:") {
		all = append(all, host, rest)
	}
	return all
}

// arn is the name of something at Amazon, or the host of a registry there.
var arn = regexp.MustCompile(`\barn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w+.@:/*-]*[\w*]|\b\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com`)

func arnsIn(y *yaml.Node, depth int) []string {
	const deepest = 100
	if y == nil || depth > deepest {
		return nil
	}
	text := y.Value
	if part, is := manifest.PartOf(y); is {
		text = part
	}
	var all []string
	if strings.Contains(text, "arn:aws") || strings.Contains(text, ".dkr.ecr.") {
		all = arn.FindAllString(text, -1)
	}
	for _, c := range y.Content {
		all = append(all, arnsIn(c, depth+1)...)
	}
	return all
}
