package infra

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// exposedRoute is what a route of a gateway lets in; one of a mesh lets in nobody.
func exposedRoute(o *manifest.Object) []Exposure {
	outside := false
	for parent := range o.Root.Get("spec", "parentRefs").Items() {
		outside = outside || parent.Get("kind").Text() != "Service"
	}
	if !outside {
		return nil
	}
	if o.Kind == "TCPRoute" || o.Kind == "UDPRoute" {
		return exposedPorts(o)
	}
	var all []Exposure
	for host, at := range hostsOf(o.Root.Get("spec", "hostnames"), o.Root.Get("spec", "parentRefs")) {
		some := false
		for rule := range o.Root.Get("spec", "rules").Items() {
			for match := range rule.Get("matches").Items() {
				if path := match.Get("path", "value"); path.Text() != "" && path.Text() != "/" {
					some = true
					exact := match.Get("path", "type").Text() == "Exact"
					all = append(all, from(Exposure{Via: ViaHost, To: host + "/" + strings.TrimPrefix(path.Text(), "/"), At: path, ToAt: path, Exact: exact}, Anybody, manifest.Node{}))
				}
			}
		}
		if !some {
			all = append(all, from(Exposure{Via: ViaHost, To: host + "/", At: at, ToAt: at}, Anybody, manifest.Node{}))
		}
	}
	return all
}

// exposedPorts is what a route lets in that knows no hosts: all that a listener of
// its gateway takes.
func exposedPorts(o *manifest.Object) []Exposure {
	var all []Exposure
	for parent := range o.Root.Get("spec", "parentRefs").Items() {
		if parent.Get("kind").Text() == "Service" {
			continue
		}
		to := o.Kind + " of " + parent.Get("name").Text()
		for _, field := range []string{"namespace", "sectionName", "port"} {
			if at := parent.Get(field); at.Set() {
				to += " " + at.Text()
			}
		}
		all = append(all, from(Exposure{Via: ViaListener, To: to, At: parent.Get("name"), ToAt: parent.Get("name")}, Anybody, manifest.Node{}))
	}
	return all
}

// exposedIngressRoute is what a route of Traefik lets in: the hosts and the path of its
// rule where that is plain, else the rule; a route without one takes all of its
// entry points.
func exposedIngressRoute(o *manifest.Object) []Exposure {
	var all []Exposure
	spec := o.Root.Get("spec")
	for route := range spec.Get("routes").Items() {
		at := route.Get("match")
		if !at.Set() {
			at = route
		}
		for _, to := range traefikHosts(route.Get("match").Text(), spec.Get("entryPoints")) {
			exact := traefikRule.ReplaceAllString(route.Get("match").Text(), "$2") == "Path"
			all = append(all, from(Exposure{Via: ViaHost, To: to, At: at, ToAt: at, Exact: exact}, Anybody, manifest.Node{}))
		}
	}
	return all
}

// traefikRule is a plain rule of Traefik: hosts, and perhaps a path.
var traefikRule = regexp.MustCompile("^\\(?((?:Host\\((?:`[^`]+`[, ]*)+\\)(?: *\\|\\| *)?)+)\\)?(?: *&& *(PathPrefix|Path)\\(`([^`]+)`\\))?$")

var traefikName = regexp.MustCompile("`([^`]+)`")

func traefikHosts(match string, entries manifest.Node) []string {
	parts := traefikRule.FindStringSubmatch(match)
	switch {
	case parts != nil:
	case match != "":
		return []string{strconv.Quote(match)}
	default:
		var names []string
		for entry := range entries.Items() {
			names = append(names, entry.Text())
		}
		slices.Sort(names)
		return []string{"all of " + strings.Join(names, ", ")}
	}
	var all []string
	for _, name := range traefikName.FindAllStringSubmatch(parts[1], -1) {
		all = append(all, name[1]+"/"+strings.TrimPrefix(parts[3], "/"))
	}
	return all
}
