package infra

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Guard is something that keeps objects out of a cluster: a policy, a rule of
// one, a webhook, a binding.
type Guard struct {
	Of     string // for people
	Key    string // tells the guards of an object apart
	Images bool   // it is about the origin of images
	At     manifest.Node

	Force   Force
	ForceAt manifest.Node // what sets it; absent where the default holds
	Open    bool          // what cannot be judged is let in
	OpenAt  manifest.Node

	// Two guards of one kind have as many of each, in the same order.
	Filters []manifest.Node // narrow what it is about: without one it is about everything
	Lists   []manifest.Node // say what it is about: without one it is about nothing
	Exempt  []manifest.Node // what it lets pass all the same
	Demands []manifest.Node // lists of what it demands: each item counts
}

// Force is what becomes of an object that a guard does not like.
type Force int

// Forces, from the weakest.
const (
	Off Force = iota
	Records
	Warns
	Refuses
)

func (f Force) String() string {
	return [...]string{"does nothing", "only records", "only warns", "refuses"}[f]
}

// guards are the adapters of the kinds that guard a cluster.
var guards = map[string]func(o *manifest.Object) []Guard{
	"admissionregistration.k8s.io/ValidatingAdmissionPolicy":        validatingPolicy,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": validatingBinding,
	"admissionregistration.k8s.io/ValidatingWebhookConfiguration":   webhooks,
	"admissionregistration.k8s.io/MutatingWebhookConfiguration":     webhooks,
	"kyverno.io/ClusterPolicy":                                      kyvernoRules,
	"kyverno.io/Policy":                                             kyvernoRules,
	"policies.kyverno.io/ValidatingPolicy":                          kyvernoCEL,
	"policies.kyverno.io/NamespacedValidatingPolicy":                kyvernoCEL,
	"policies.kyverno.io/ImageValidatingPolicy":                     kyvernoCEL,
	"policies.kyverno.io/NamespacedImageValidatingPolicy":           kyvernoCEL,
	"policies.kubewarden.io/ClusterAdmissionPolicy":                 kubewarden,
	"policies.kubewarden.io/AdmissionPolicy":                        kubewarden,
	"policy.sigstore.dev/ClusterImagePolicy":                        sigstore,
	"config.gatekeeper.sh/Config":                                   gatekeeperConfig,
	"google_binary_authorization_policy":                            terraformBinaryAuthorization,
	"google_container_cluster":                                      terraformClusterBinaryAuthorization,
}

// Guards are those that an object sets up.
func Guards(o *manifest.Object) []Guard {
	if o.Group() == "constraints.gatekeeper.sh" {
		return gatekeeperConstraint(o)
	}
	if adapter := guards[o.GroupKind()]; adapter != nil {
		return adapter(o)
	}
	return nil
}

// Exceptions are the places where an object frees others from guards.
func Exceptions(o *manifest.Object) []manifest.Node {
	switch o.GroupKind() {
	case "kyverno.io/PolicyException", "policies.kyverno.io/PolicyException":
		return []manifest.Node{o.Root.Get("kind")}
	}
	return nil
}

func validatingPolicy(o *manifest.Object) []Guard {
	spec := o.Root.Get("spec")
	return []Guard{{
		Of: "ValidatingAdmissionPolicy " + o.Name, At: o.Root.Get("kind"), Force: Refuses, // its bindings decide
		Open: spec.Get("failurePolicy").Text() == "Ignore", OpenAt: spec.Get("failurePolicy"),
		Filters: append(selectors(spec.Get("matchConstraints")), spec.Get("matchConditions")),
		Lists:   []manifest.Node{spec.Get("matchConstraints", "resourceRules")},
		Exempt:  []manifest.Node{spec.Get("matchConstraints", "excludeResourceRules")},
		Demands: []manifest.Node{spec.Get("validations")},
	}}
}

func selectors(of manifest.Node) []manifest.Node {
	return []manifest.Node{of.Get("namespaceSelector"), of.Get("objectSelector")}
}

func validatingBinding(o *manifest.Object) []Guard {
	spec := o.Root.Get("spec")
	missing := spec.Get("paramRef", "parameterNotFoundAction")
	return []Guard{{
		Of: "the binding " + o.Name + " of the policy " + spec.Get("policyName").Text(), At: o.Root.Get("kind"),
		Force: actions(spec.Get("validationActions")), ForceAt: spec.Get("validationActions"),
		Open: missing.Text() == "Allow", OpenAt: missing,
		Filters: append(selectors(spec.Get("matchResources")), spec.Get("matchResources", "resourceRules")),
		Exempt:  []manifest.Node{spec.Get("matchResources", "excludeResourceRules")},
	}}
}

// actions is the strictest of a list of validation actions.
func actions(list manifest.Node) Force {
	strictest := Off
	for item := range list.Items() {
		switch item.Text() {
		case "Deny":
			strictest = Refuses
		case "Warn":
			strictest = max(strictest, Warns)
		case "Audit":
			strictest = max(strictest, Records)
		}
	}
	return strictest
}

// webhooks are those that judge what every cluster has: one that is only asked
// about the kinds of its own program guards nobody else. One that changes objects
// guards where objects are refused without it.
func webhooks(o *manifest.Object) []Guard {
	var all []Guard
	for w := range o.Root.Get("webhooks").Items() {
		open := w.Get("failurePolicy").Text() == "Ignore" || !w.Get("failurePolicy").Exists() && strings.HasSuffix(o.APIVersion, "/v1beta1")
		mutates := o.Kind == "MutatingWebhookConfiguration"
		if !asksAboutBuiltIn(w) {
			continue
		}
		force := Refuses
		if mutates && open {
			force = Off
		}
		all = append(all, Guard{
			Of: "the webhook " + w.Get("name").Text(), Key: w.Get("name").Text(), At: w.Get("name"), Force: force, Open: open, OpenAt: w.Get("failurePolicy"),
			Filters: append(selectors(w), w.Get("matchConditions")), Lists: []manifest.Node{w.Get("rules")},
		})
	}
	return all
}

func asksAboutBuiltIn(webhook manifest.Node) bool {
	for rule := range webhook.Get("rules").Items() {
		for group := range rule.Get("apiGroups").Items() {
			if g := group.Text(); g == "*" || !strings.Contains(g, ".") || strings.HasSuffix(g, ".k8s.io") && !strings.Contains(g, ".x-k8s.io") {
				return true
			}
		}
	}
	return false
}

// kyvernoForce reads Enforce and Audit, in whatever spelling.
func kyvernoForce(places ...manifest.Node) (Force, manifest.Node) {
	for _, at := range places {
		switch {
		case strings.EqualFold(at.Text(), "enforce"):
			return Refuses, at
		case at.Text() != "" || at.Unknown():
			return Records, at
		}
	}
	return Records, places[len(places)-1]
}

func kyvernoRules(o *manifest.Object) []Guard {
	spec := o.Root.Get("spec")
	var all []Guard
	for rule := range spec.Get("rules").Items() {
		verify := rule.Get("verifyImages")
		if !verify.Exists() && !rule.Get("validate").Exists() {
			continue // it changes or makes objects
		}
		name := rule.Get("name").Text()
		g := Guard{
			Of: o.Kind + " " + o.Name + ", rule " + name, Key: name, At: rule.Get("name"), Images: verify.Exists(),
			Open: spec.Get("failurePolicy").Text() == "Ignore", OpenAt: spec.Get("failurePolicy"),
			Filters: []manifest.Node{rule.Get("match"), rule.Get("preconditions"), rule.Get("celPreconditions")},
			Exempt:  []manifest.Node{rule.Get("exclude"), spec.Get("validationFailureActionOverrides")},
		}
		if !g.Images {
			g.Force, g.ForceAt = kyvernoForce(rule.Get("validate", "failureAction"), spec.Get("validationFailureAction"))
			all = append(all, g)
			continue
		}
		place := 0
		for entry := range itemsOrItself(verify) {
			place++
			all = append(all, g.verifying(entry, place, spec.Get("validationFailureAction")))
		}
	}
	return all
}

// verifying is a rule's guard for one of its lists of images. They have no names:
// a further one is told by its place.
func (g Guard) verifying(entry manifest.Node, place int, action manifest.Node) Guard {
	if place > 1 {
		g.Key, g.Of, g.At = fmt.Sprintf("%s#%d", g.Key, place), fmt.Sprintf("%s, images %d", g.Of, place), entry
	}
	g.Force, g.ForceAt = kyvernoForce(entry.Get("failureAction"), entry.Get("validationFailureAction"), action)
	g.Demands = []manifest.Node{entry.Get("attestors"), entry.Get("attestations")}
	g.Lists = []manifest.Node{entry.Get("imageReferences")}
	g.Exempt = append(slices.Clone(g.Exempt), entry.Get("skipImageReferences"))
	if optional := entry.Get("required"); optional.IsFalse() {
		g.Open, g.OpenAt = true, optional
	}
	return g
}

func kyvernoCEL(o *manifest.Object) []Guard {
	spec := o.Root.Get("spec")
	actionsAt := spec.Get("validationActions")
	force := actions(actionsAt)
	if !actionsAt.Exists() {
		force = Refuses
	}
	return []Guard{{
		Of: o.Kind + " " + o.Name, At: o.Root.Get("kind"), Images: strings.Contains(o.Kind, "Image"), Force: force, ForceAt: actionsAt,
		Open: spec.Get("failurePolicy").Text() == "Ignore", OpenAt: spec.Get("failurePolicy"),
		Filters: append(selectors(spec.Get("matchConstraints")), spec.Get("matchConditions")),
		Lists:   []manifest.Node{spec.Get("matchConstraints", "resourceRules"), spec.Get("matchImageReferences")},
		Exempt:  []manifest.Node{spec.Get("matchConstraints", "excludeResourceRules")},
		Demands: []manifest.Node{spec.Get("validations"), spec.Get("attestors")},
	}}
}

func kubewarden(o *manifest.Object) []Guard {
	spec := o.Root.Get("spec")
	force := Refuses
	if spec.Get("mode").Text() == "monitor" {
		force = Records
	}
	return []Guard{{
		Of: o.Kind + " " + o.Name, At: o.Root.Get("kind"), Images: strings.Contains(spec.Get("module").Text(), "verify-image"), Force: force, ForceAt: spec.Get("mode"),
		Open: spec.Get("failurePolicy").Text() == "Ignore", OpenAt: spec.Get("failurePolicy"),
		Filters: append(selectors(spec), spec.Get("matchConditions")), Lists: []manifest.Node{spec.Get("rules")},
	}}
}

func sigstore(o *manifest.Object) []Guard {
	spec := o.Root.Get("spec")
	force := Refuses
	if spec.Get("mode").Text() == "warn" {
		force = Warns
	}
	g := Guard{
		Of: "ClusterImagePolicy " + o.Name, At: o.Root.Get("kind"), Images: true, Force: force, ForceAt: spec.Get("mode"),
		Filters: []manifest.Node{spec.Get("match")}, Lists: []manifest.Node{spec.Get("images")}, Demands: []manifest.Node{spec.Get("policy")},
	}
	for authority := range spec.Get("authorities").Items() {
		if at := authority.Get("static", "action"); at.Text() == "pass" {
			g.Open, g.OpenAt = true, at
		}
	}
	return []Guard{g}
}

func gatekeeperConstraint(o *manifest.Object) []Guard {
	spec := o.Root.Get("spec")
	at, force := spec.Get("enforcementAction"), Refuses
	switch at.Text() {
	case "warn":
		force = Warns
	case "dryrun":
		force = Records
	}
	match := spec.Get("match")
	g := Guard{
		Of: "the constraint " + o.Kind + " " + o.Name, At: o.Root.Get("kind"), Images: strings.Contains(o.Kind, "Ratify"), Force: force, ForceAt: at,
		Filters: []manifest.Node{match.Get("kinds"), match.Get("namespaces"), match.Get("labelSelector"), match.Get("namespaceSelector"), match.Get("scope"), match.Get("name")},
		Exempt:  []manifest.Node{match.Get("excludedNamespaces")},
	}
	for _, name := range []string{"exemptImages", "exemptNamespaces", "exemptPods", "exemptServiceAccounts", "allowedRepos", "repos"} {
		g.Exempt = append(g.Exempt, spec.Get("parameters", name))
	}
	return []Guard{g}
}

func gatekeeperConfig(o *manifest.Object) []Guard {
	return []Guard{{Of: "Gatekeeper's Config", At: o.Root.Get("kind"), Force: Refuses, Exempt: []manifest.Node{o.Root.Get("spec", "match")}}}
}

// terraformBinaryAuthorization is the rule for what no other names, and each for
// a cluster.
func terraformBinaryAuthorization(o *manifest.Object) []Guard {
	rule := func(at manifest.Node, key string) Guard {
		mode, enforcement := at.Get("evaluation_mode"), at.Get("enforcement_mode")
		g := Guard{
			Of: "Binary Authorization" + key, Key: key, At: at, Images: true, Force: Refuses, ForceAt: mode,
			Exempt: []manifest.Node{o.Root.Get("admission_whitelist_patterns")}, Demands: []manifest.Node{at.Get("require_attestations_by")},
		}
		if mode.Text() == "ALWAYS_ALLOW" {
			g.Force = Off
		} else if enforcement.Text() == "DRYRUN_AUDIT_LOG_ONLY" {
			g.Force, g.ForceAt = Records, enforcement
		}
		return g
	}
	all := []Guard{rule(block(o.Root, "default_admission_rule"), "")}
	for one := range o.Root.Get("cluster_admission_rules").Items() {
		all = append(all, rule(one, " of "+one.Get("cluster").Text()))
	}
	return all
}

func terraformClusterBinaryAuthorization(o *manifest.Object) []Guard {
	at := block(o.Root, "binary_authorization").Get("evaluation_mode")
	old := o.Root.Get("enable_binary_authorization")
	g := Guard{Of: "Binary Authorization of the cluster " + o.Name, At: at, Images: true, ForceAt: at}
	if at.Text() != "" && at.Text() != "DISABLED" || old.IsTrue() {
		g.Force = Refuses
	}
	if old.Exists() && !at.Exists() {
		g.ForceAt = old
	}
	return []Guard{g}
}
