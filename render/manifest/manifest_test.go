package manifest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

func one(t *testing.T, text string) *manifest.Object {
	t.Helper()
	objects, err := manifest.Parse([]byte(text), manifest.Origin{})
	if err != nil || len(objects) != 1 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	return objects[0]
}

func TestNodes(t *testing.T) {
	o := one(t, `apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostPID: yes
  hostIPC: "yes"
  containers:
    - name: app
      securityContext:
        runAsUser: 0x10
        privileged: null
`)
	spec := o.Root.Get("spec")
	if !spec.Get("hostPID").IsTrue() || spec.Get("hostIPC").IsTrue() {
		t.Error("booleans are read otherwise than YAML 1.1 has them")
	}
	for c := range o.Containers() {
		security := c.Get("securityContext")
		if id, ok := security.Get("runAsUser").Int(); !ok || id != 16 {
			t.Errorf("runAsUser is %d, %t", id, ok)
		}
		if at := security.Get("privileged"); at.Set() || !at.IsNull() || at.Path() != "spec.containers[app].securityContext.privileged" {
			t.Errorf("null is %v at %s", at, at.Path())
		}
		missing := security.Get("capabilities", "drop")
		if missing.Exists() || missing.Line() != 10 || missing.Path() != "spec.containers[app].securityContext.capabilities.drop" {
			t.Errorf("a missing field is at %s, line %d", missing.Path(), missing.Line())
		}
	}
}

func TestLists(t *testing.T) {
	objects, err := manifest.Parse([]byte("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n---\n# nothing\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: c}\n"), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	for _, o := range objects {
		names += o.Name
	}
	if names != "abc" {
		t.Errorf("objects %q, want abc", names)
	}
}

// The items of a typed list need not say what they are, and the API server takes
// them all the same. What is only called a list stays an object.
func TestTypedLists(t *testing.T) {
	for text, want := range map[string]string{
		"apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- {kind: Pod, metadata: {name: b}}\n":                             "v1 Pod/a:4 v1 Pod/b:5",
		"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\nitems:\n- metadata: {name: a, namespace: n}\n":                       "networking.k8s.io/v1 NetworkPolicy/a:4",
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBindingList\nx: &x {metadata: {name: a}}\nitems:\n- *x\n":                   "rbac.authorization.k8s.io/v1 RoleBinding/a:3",
		"apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}\n":                  "apps/v1 Deployment/a:4",
		"apiVersion: v1\nkind: SecretList\nitems: []\n":                                                                                  "",
		"apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [10.0.0.1]\n":                                          "example.com/v1 AllowList/a:1",
		"apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [{cidr: 10.0.0.0/8}]\n":                                "example.com/v1 AllowList/a:1",
		"apiVersion: v1\nkind: PodList\nitems:\n- {apiVersion: v1, kind: PodList, items: [{metadata: {name: deep}}]}\n- not an object\n": "v1 Pod/deep:4",
	} {
		objects, err := manifest.Parse([]byte(text), manifest.Origin{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var got []string
		for _, o := range objects {
			got = append(got, o.APIVersion+" "+o.Kind+"/"+o.Name+":"+strconv.Itoa(o.Root.Line()))
			if o.Root.Get("kind").Text() != o.Kind || o.Root.Get("apiVersion").Text() != o.APIVersion {
				t.Errorf("%s does not say what it is", o.Ref)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s\nholds %q, want %q", text, strings.Join(got, " "), want)
		}
	}
}

func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		n := string(rune('a'+i)) + "1"
		previous := "a0"
		if i > 0 {
			previous = string(rune('a'+i-1)) + "1"
		}
		b.WriteString(n + ": &" + n + " [" + strings.TrimSuffix(strings.Repeat("*"+previous+", ", 9), ", ") + "]\n")
	}
	if _, err := manifest.Parse([]byte(b.String()), manifest.Origin{}); err == nil {
		t.Error("an alias bomb parses")
	}
}

func TestRedaction(t *testing.T) {
	secret := one(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter22}\n")
	r := manifest.NewRedactor(append(manifest.Secrets([]*manifest.Object{secret}), manifest.SecretValues([]byte("db: {apiKey: k3y-value, secretName: plain-name}\n"))...))
	got := r.Text("hunter22 and k3y-value but plain-name")
	if strings.Contains(got, "hunter22") || strings.Contains(got, "k3y-value") || !strings.Contains(got, "plain-name") || !strings.Contains(got, "«redacted sha256:") {
		t.Error(got)
	}
}

// A secret that is a word is hidden where a value stands, and left in names
// and sentences.
func TestRedactionOfWords(t *testing.T) {
	r := manifest.NewRedactor([]string{"katib", "value", "Secret", "tiny"})
	for _, shown := range []string{
		"Secret/prod/katib-mysql holds a value", "tiny", "\"katib-mysql\"", "container katib runs",
	} {
		if got := r.Text(shown); got != shown {
			t.Errorf("%s became %s", shown, got)
		}
	}
	for _, hidden := range []string{
		"password: katib", "password: \"katib\"", "user=katib, host=db", "- katib\n- other", "password: |\n  katib\n", "`katib`", "{password: katib}", "password: katib # old",
	} {
		if got := r.Text(hidden); strings.Contains(got, "katib") || !strings.Contains(got, "«redacted sha256:") {
			t.Errorf("%s became %s", hidden, got)
		}
	}
}

// Names that everybody reads are shown where they stand by themselves; no secret that
// is longer, or stands elsewhere, is shown with them.
func TestRedactionShowsNames(t *testing.T) {
	secrets := []string{"eu-west-1", "ghcr.io", "shop-app", "ghcr.io/acme:token", "two words", "hunter2.example"}
	role := "arn:aws:iam::111122223333:role/shop-app"
	r := manifest.NewRedactor(secrets).Showing([]string{role, "ghcr.io", "ghcr.io/acme", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1"})
	for _, shown := range []string{
		`role "` + role + `" is new`, "the image 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1.", "role: " + role,
	} {
		if got := r.Text(shown); got != shown {
			t.Errorf("%s became %s", shown, got)
		}
	}
	for text, secret := range map[string]string{
		"region: eu-west-1": "eu-west-1", "password: shop-app": "shop-app", "login ghcr.io/acme:token": "token", "x ghcr.io/acme:token.": "acme:token",
		"two words, " + role: "two words", role + "-of-hunter2.example": "hunter2.example", "\uE0000\uE001 shop-app": "shop-app",
	} {
		if got := r.Text(text); strings.Contains(got, secret) {
			t.Errorf("%s became %s", text, got)
		}
	}
}

// FuzzShownNames holds that a name which is shown never shows a secret beside itself.
func FuzzShownNames(f *testing.F) {
	f.Add("ghcr.io", "ghcr.io/acme:token", "pull ghcr.io/acme:token now")
	f.Add("arn:aws:iam::1:role/a", "role/abc", "arn:aws:iam::1:role/abc")
	f.Fuzz(func(t *testing.T, name, secret, text string) {
		if len(secret) < 13 || strings.TrimSpace(secret) != secret || strings.ContainsAny(secret, "\n\uE000\uE001«»") || strings.Contains(name, secret) {
			return // words are hidden by their place, and what a name holds is shown with it
		}
		hidden := manifest.NewRedactor([]string{secret})
		if got := hidden.Showing([]string{name}).Text(text); strings.Contains(got, secret) && !strings.Contains(hidden.Text(text), secret) {
			t.Errorf("%q shows %q of %q as %q", name, secret, text, got)
		}
	})
}

func TestRedactorSeesThroughQuotes(t *testing.T) {
	r := manifest.NewRedactor([]string{"pass\twörd \"x\"", "it's mine"})
	for source, want := range map[string]bool{
		`value: "pass\tw\u00f6rd \"x\""`:        true,
		`value: "\x70ass\tw\u00f6rd \"x\"" # c`: true,
		`value: 'it''s mine'`:                   true,
		`value: it's mine`:                      true,
		`value: "pass"` + "\nother: \"it\"\n":   false,
	} {
		if got := r.In(source); got != want {
			t.Errorf("%s holds a secret: %t", source, got)
		}
	}
}

func TestWhatLooksLikeASecret(t *testing.T) {
	for setting, want := range map[string]bool{
		"API_TOKEN=a8f5f167f44f4964e6c998dee827110c":                             true,
		"API_TOKEN=3f2504e0-4f89-11d3-9a0c-0305e82c3301":                         true,
		"STORAGE_CONNECTION_STRING=AccountName=shop;AccountKey=Zm9vYmFyYmF6cXV4": true,
		"CLUSTER_TOKEN=shop-cluster-2":                                           false,
		"AUTH_TOKEN=jwt,sign-method=RS256,ttl=10m":                               false,
		"DB_PASSWORD=hunter2":                                                    true,
		"DB_PASSWORD=changeme":                                                   false,
		"DB_PASSWORD=$(FROM_SECRET)":                                             false,
		"PASSWORD_FILE=/run/secrets/db":                                          false,
		"COMPASS=north-west-5":                                                   false,
	} {
		name, value, _ := strings.Cut(setting, "=")
		if _, got := manifest.SecretIn(name, value); got != want {
			t.Errorf("%s is a secret: %t", setting, got)
		}
	}
}
