package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/render/manifest"
)

// TestWantedImages holds which images of a change have to be looked at, and with
// which of base each is compared.
func TestWantedImages(t *testing.T) {
	pod := func(containers ...string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [" + strings.Join(containers, ", ") + "]\n"
	}
	one := func(name, image string) string { return fmt.Sprintf("{name: %s, image: %q}", name, image) }
	volume := func(image string) string {
		return fmt.Sprintf("  volumes: [{name: v, image: {reference: %q}}]\n", image)
	}
	for what, c := range map[string]struct{ base, head, want string }{
		"nothing changes":             {pod(one("a", "x:1")), pod(one("a", "x:1")), ""},
		"a bump":                      {pod(one("a", "x:1")), pod(one("a", "x:2")), "x:1; x:2 for x:1"},
		"another repository":          {pod(one("a", "x:1")), pod(one("a", "y:1")), "x:1; y:1 for x:1"},
		"only the digest":             {pod(one("a", "x:1")), pod(one("a", "x:1@sha256:"+strings.Repeat("a", 64))), "x:1; x:1@sha256:" + strings.Repeat("a", 64) + " for x:1"},
		"two that change places":      {pod(one("a", "x:1"), one("b", "y:1")), pod(one("a", "y:1"), one("b", "x:1")), "x:1 for y:1; y:1 for x:1"},
		"a container that is renamed": {pod(one("a", "x:1")), pod(one("b", "x:2")), "x:1; x:2 for x:1"},
		"one more of the same":        {pod(one("a", "x:1")), pod(one("a", "x:1"), one("b", "x:1")), ""},
		"one more of another version": {pod(one("a", "x:1")), pod(one("a", "x:1"), one("b", "x:2")), "x:1; x:2 beside x:1"},
		"one more of another":         {pod(one("a", "x:1")), pod(one("a", "x:1"), one("b", "y:1")), "y:1"},
		"one less":                    {pod(one("a", "x:1"), one("b", "y:1")), pod(one("a", "x:1")), ""},
		"an image that is mounted":    {pod(one("a", "x:1")) + volume("v:1"), pod(one("a", "x:1")) + volume("v:2"), "v:1; v:2 for v:1"},
		"a new pod":                   {"", pod(one("a", "x:1")), "x:1"},
		"what base ignores":           {pod(one("a", "x:1")), pod(one("a", "dev-x:1")), ""},
		"a build's placeholder":       {pod(one("a", "x:1")), pod(one("a", "${DEV}")), ""},
	} {
		t.Run(what, func(t *testing.T) {
			s := shelf{wanted: map[string]*wantedImage{}, had: map[string]bool{}, left: map[string]bool{}, ignores: config.Images{Ignore: []string{"docker.io/library/dev-*", "$?DEV?"}}.Ignores}
			s.compare(&target{id: "t"}, parsed(t, c.base), parsed(t, c.head), nil)
			var got []string
			for _, text := range sorted(s.wanted) {
				for _, was := range slices.Sorted(maps.Keys(s.wanted[text].instead)) {
					how := " beside "
					if s.wanted[text].instead[was] {
						how = " for "
					}
					got = append(got, text+how+was)
				}
				if len(s.wanted[text].instead) == 0 {
					got = append(got, text)
				}
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("%q, want %q", strings.Join(got, "; "), c.want)
			}
		})
	}
}

func parsed(t *testing.T, text string) []*manifest.Object {
	t.Helper()
	objects, err := manifest.Parse([]byte(text), manifest.Origin{Path: "a.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}
