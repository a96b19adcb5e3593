package checks_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// uncovers are the checks that look at a pod only once it is mended: policies
// do not apply to the node's network.
var uncovers = map[string][]string{"host-network": {"pod-ingress-open", "pod-egress-open"}}

// partly counts the findings of examples that only a person can mend.
var partly = map[string]int{
	"node-password-login":     1, // a line of user data
	"chart-lock-stale":        1, // an archive, which a repository has to give
	"chart-repo-untrusted":    3, // where else the chart is nobody knows
	"insecure-registry":       1, // a file of another language
	"node-lsm-off":            2, // a line of a script, and a file
	"apiserver-always-allow":  1, // kOps says it as a kind of authorization
	"apiserver-insecure-port": 1, // the flag is taken away by hand
	"mesh-permissive":         1, // who may call is the author's to say
	"registry-deprecated":     1, // bitnamilegacy has no successor with the same images
	"registry-public":         2, // who may pull instead is for a person to say
	"kubelet-unsafe-sysctls":  1, // an argument of a list
	"kubelet-weak-ciphers":    1, // the same
}

// TestMends applies what each check suggests for its failing example: the
// finding goes and no other comes.
func TestMends(t *testing.T) {
	for _, c := range checks.All {
		if c.Mend == nil || c.ID == "default-namespace" {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			objects := parse(t, c.Bad)
			before := judgeObjects(t, objects, checks.All...)
			mine, without := 0, 0
			for _, f := range before {
				if f.Check != c {
					continue
				}
				mine++
				edits := checks.Mended(f, objects)
				if len(edits) == 0 {
					without++
					continue
				}
				after := judgeObjects(t, edited(t, objects, f, edits), checks.All...)
				left := names(before)
				left = slices.Delete(left, slices.Index(left, name(f)), slices.Index(left, name(f))+1)
				for _, other := range after {
					if !slices.Contains(left, name(other)) && !slices.Contains(uncovers[c.ID], other.Check.ID) {
						t.Errorf("mending %s leaves or brings %s", name(f), name(other))
					}
				}
			}
			if mine == 0 || without != partly[c.ID] {
				t.Errorf("%d of %d findings have no mend, want %d", without, mine, partly[c.ID])
			}
		})
	}
}

func TestNamespaceOfTheOthers(t *testing.T) {
	config := checks.Find(checks.All, "default-namespace")
	other := "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: %s}\n"
	for text, want := range map[string]string{
		config.Bad:                              "",
		config.Bad + fmt.Sprintf(other, "shop"): "shop",
		config.Bad + fmt.Sprintf(other, "shop") + fmt.Sprintf(other, "bank"): "",
	} {
		objects := parse(t, text)
		got := ""
		for _, f := range judgeObjects(t, objects, config) {
			for _, e := range checks.Mended(f, objects) {
				got = e.Value
			}
		}
		if got != want {
			t.Errorf("namespace %q, want %q, of\n%s", got, want, text)
		}
	}
}

// TestTokenOfWhoHasRights holds that the token of an account with rights stays.
func TestTokenOfWhoHasRights(t *testing.T) {
	automount := checks.Find(checks.All, "sa-token-automount")
	binding := "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nsubjects: [{kind: ServiceAccount, name: %s, namespace: shop}]\n"
	for text, want := range map[string]int{
		automount.Bad: 1,
		automount.Bad + fmt.Sprintf(binding, "web"):   0,
		automount.Bad + fmt.Sprintf(binding, "other"): 1,
	} {
		objects := parse(t, text)
		got := 0
		for _, f := range judgeObjects(t, objects, automount) {
			got += len(checks.Mended(f, objects))
		}
		if got != want {
			t.Errorf("%d edits, want %d, of\n%s", got, want, text)
		}
	}
}

func TestRefused(t *testing.T) {
	for security, want := range map[string]int{
		"{privileged: true, allowPrivilegeEscalation: false}":                     1,
		"{privileged: false, allowPrivilegeEscalation: false}":                    0,
		"{allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}": 1,
		"{runAsUser: 0, runAsNonRoot: true}":                                      1,
		"{runAsUser: 1, runAsNonRoot: true, allowPrivilegeEscalation: false}":     0,
	} {
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, image: a, securityContext: " + security + "}]\n"
		if got := checks.Refused(parse(t, text)[0]); len(got) != want {
			t.Errorf("%s: refused for %q", security, got)
		}
	}
}

func parse(t *testing.T, text string) []*manifest.Object {
	t.Helper()
	objects, err := manifest.Parse([]byte(text), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func judgeObjects(t *testing.T, objects []*manifest.Object, all ...*checks.Check) []checks.Finding {
	t.Helper()
	var rules []checks.Rule
	for _, c := range all {
		rules = append(rules, checks.Rule{Check: c, Severity: c.Severity})
	}
	found, err := checks.Judge(rules, "example", objects, checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func edited(t *testing.T, objects []*manifest.Object, f checks.Finding, edits []manifest.Edit) []*manifest.Object {
	t.Helper()
	next := slices.Clone(objects)
	at := slices.Index(objects, f.Node.Object())
	mended, err := objects[at].Edited(edits)
	if err != nil {
		t.Fatal(err)
	}
	next[at] = mended
	newcomers, err := manifest.Newcomers(edits)
	if err != nil {
		t.Fatal(err)
	}
	return append(next, newcomers...)
}

func name(f checks.Finding) string { return fmt.Sprint(f.Check.ID, " ", f.Object, " ", f.Subject) }

func names(all []checks.Finding) []string {
	var found []string
	for _, f := range all {
		found = append(found, name(f))
	}
	return found
}
