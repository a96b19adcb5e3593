package infra

import "github.com/rendergate/rendergate/render/manifest"

// tokens adapts a source that leaves AWS's own default, which is open.
func tokens(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		options := o.Root.Get(way...)
		return []Node{{Metadata: sessionTokens(options.Get("httpTokens"), options.Get("httpEndpoint"))}}
	}
}

// explicitTokens adapts a source that asks for tokens by itself: only what it
// is told otherwise counts.
func explicitTokens(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		if !o.Root.Get(way...).Get("httpTokens").Set() {
			return nil
		}
		return tokens(way...)(o)
	}
}

func crossplaneTokens(o *manifest.Object) []Node {
	options := block(o.Root.Get("spec", "forProvider"), "metadataOptions")
	return []Node{{Metadata: sessionTokens(options.Get("httpTokens"), options.Get("httpEndpoint"))}}
}

// eksctlNodes are the groups of eksctl, which turns the old service off by
// itself.
func eksctlNodes(o *manifest.Object) []Node {
	var all []Node
	for _, list := range []string{"nodeGroups", "managedNodeGroups"} {
		for group := range o.Root.Get(list).Items() {
			at := group.Get("disableIMDSv1")
			all = append(all, Node{Name: group.Get("name").Text(), Metadata: mended(at, at.IsFalse(), "true")})
		}
	}
	return all
}
