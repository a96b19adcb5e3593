package checks

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/rendergate/rendergate/render/manifest"
)

var pssLowered = &Check{
	ID:       "pss-lowered",
	Title:    "Namespace's pod security level is lowered",
	Severity: High,
	Topic:    DefaultNamespace,
	Since:    "0.2.0",
	Why:      "Pods that the API server refused until now are let in, or nobody is told of them any more.",
	Fix:      "Keep the level and mend the workload that does not pass it; where one really needs more, give it a namespace of its own.",
	Source:   "Kubernetes documentation, Pod Security Admission; MITRE ATT&CK T1562",
	Before: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/enforce-version: v1.34
    pod-security.kubernetes.io/warn: restricted # want
---
apiVersion: v1
kind: Namespace
metadata:
  name: agents
  labels:
    pod-security.kubernetes.io/enforce: baseline
---
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: baseline}
exemptions: {namespaces: [kube-system]}
`,
	Bad: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: baseline # want
---
apiVersion: v1
kind: Namespace
metadata:
  name: agents
  labels:
    pod-security.kubernetes.io/enforce: baseline
    pod-security.kubernetes.io/enforce-version: v1.20 # want
---
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: privileged} # want
exemptions:
  namespaces:
    - kube-system
    - agents # want
`,
	Good: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/enforce-version: latest
    pod-security.kubernetes.io/warn: restricted
    pod-security.kubernetes.io/audit: baseline
---
apiVersion: v1
kind: Namespace
metadata:
  name: agents
  labels:
    pod-security.kubernetes.io/enforce: baseline
---
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: restricted}
exemptions: {namespaces: []}
`,
	NearMiss: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: baseline
    pod-security.kubernetes.io/warn-version: v1.20
---
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: baseline}
exemptions: {namespaces: [kube-system]}
`,
	Compare: func(p *Pass) {
		for _, pair := range p.Pairs {
			if pair.Base == nil {
				continue
			}
			was, is := standardsOf(pair.Base), p.standardsNow(pair)
			if was.of == "" || is.of == "" {
				continue
			}
			enforced := pssRank(is.level("enforce"))
			for _, mode := range []string{"enforce", "warn", "audit"} {
				before, now := was.level(mode), is.level(mode)
				if mode != "enforce" && pssRank(before) <= enforced && pssRank(now) <= enforced {
					continue // what is refused needs no warning
				}
				p.pssLowered(is.of, mode, before, now)
				if pssRank(now) == pssRank(before) && pssRank(now) > 0 {
					p.pssVersion(is.of, mode, was.level(mode+"-version"), is.level(mode+"-version"))
				}
			}
			p.pssExempted(is.of, was.exemptions, is.exemptions)
		}
	},
}

// standards are the pod security levels that an object sets: a namespace for
// itself, or the admission plugin for those that say nothing.
type standards struct {
	of         string // for people
	levels     manifest.Node
	prefix     string
	exemptions manifest.Node
}

func (s standards) level(key string) manifest.Node { return s.levels.Get(s.prefix + key) }

func standardsOf(o *manifest.Object) standards {
	config := o.Root
	switch o.GroupKind() {
	case "Namespace":
		return standards{fmt.Sprintf("namespace %q", o.Name), o.Root.Get("metadata", "labels"), "pod-security.kubernetes.io/", manifest.Node{}}
	case "apiserver.config.k8s.io/AdmissionConfiguration":
		for plugin := range o.Root.Get("plugins").Items() {
			if plugin.Get("name").Text() == "PodSecurity" {
				config = plugin.Get("configuration")
			}
		}
	case "pod-security.admission.config.k8s.io/PodSecurityConfiguration":
	default:
		return standards{}
	}
	return standards{"the admission plugin PodSecurity", config.Get("defaults"), "", config.Get("exemptions")}
}

// standardsNow are the standards at head of what set some at base: those of the
// admission plugin stand in another object, or nowhere, where theirs goes.
func (p *Pass) standardsNow(pair Pair) standards {
	if pair.Head != nil {
		return standardsOf(pair.Head)
	}
	if pair.Base.GroupKind() == "Namespace" {
		return standards{} // with the namespace its pods go too
	}
	for _, o := range p.Objects {
		if is := standardsOf(o); is.of == standardsOf(pair.Base).of {
			return is
		}
	}
	return standards{of: standardsOf(pair.Base).of}
}

// pssExempted reports who is newly held to no level at all.
func (p *Pass) pssExempted(of string, was, is manifest.Node) {
	for _, list := range []string{"namespaces", "usernames", "runtimeClasses"} {
		if all := is.Get(list); all.Unknown() && !was.Get(list).Unknown() {
			p.Report(all, manifest.Subject{Class: list}, "%s newly exempts of its %s who nobody knows from every level", of, list)
		}
		for item := range is.Get(list).Items() {
			if !lists(was.Get(list), item.Text()) {
				p.Report(item, manifest.Subject{Class: list + ":" + item.Text()}, "%s newly exempts %s of its %s from every level", of, item.Text(), list)
			}
		}
	}
}

// lists says that a list has an item of that text.
func lists(list manifest.Node, text string) bool {
	for item := range list.Items() {
		if item.Text() == text {
			return true
		}
	}
	return false
}

// pssLowered reports a level that is lower than it was, or gone.
func (p *Pass) pssLowered(of, mode string, was, is manifest.Node) {
	switch {
	case pssRank(was) == 0 || !is.Unknown() && pssRank(is) >= pssRank(was):
	case !is.Exists():
		p.Report(was, manifest.Subject{Class: mode}, "%s loses its level for %s: it was %s; nothing lower is expected", of, pssDoes[mode], was.Text())
	default:
		p.Report(is, manifest.Subject{Class: mode + ":" + is.Text()}, "%s lowers its level for %s from %s to %s; nothing lower is expected",
			of, pssDoes[mode], was.Text(), shownLevel(is))
	}
}

// pssVersion reports that the same level is read as an older Kubernetes did.
func (p *Pass) pssVersion(of, mode string, was, is manifest.Node) {
	if now := pssMinor(is); is.Exists() && now < pssMinor(was) || is.Unknown() && !was.Unknown() {
		p.Report(is, manifest.Subject{Class: fmt.Sprintf("%s-version:%d", mode, now)}, "%s reads its level for %s as of %s, which was %s; checks that came since are left out",
			of, pssDoes[mode], cmp.Or(is.Text(), "what nobody knows"), orLatest(was))
	}
}

// pssDoes says what each mode is for.
var pssDoes = map[string]string{"enforce": "refusing pods", "warn": "warnings", "audit": "the audit log"}

// pssRank orders levels; what is no level is 0, as nothing is, because the API
// server takes it for privileged or, of a wrong word, refuses the label.
func pssRank(at manifest.Node) int {
	return max(0, slices.Index([]string{"privileged", "baseline", "restricted"}, at.Text()))
}

func shownLevel(at manifest.Node) string {
	if at.Unknown() {
		return "what nobody knows"
	}
	return strconv.Quote(at.Text())
}

// pssMinor is the minor version that a label pins, the highest for latest and
// for what is none.
func pssMinor(at manifest.Node) int {
	if m := pssPinned.FindStringSubmatch(at.Text()); m != nil {
		if minor, err := strconv.Atoi(m[1]); err == nil {
			return minor
		}
	}
	return 1 << 30
}

var pssPinned = regexp.MustCompile(`^v1\.(\d{1,4})$`)

func orLatest(at manifest.Node) string {
	if at.Text() == "" {
		return "latest"
	}
	return at.Text()
}
