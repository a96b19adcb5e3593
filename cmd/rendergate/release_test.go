package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func sourceFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestGoReleaserSchema holds the configuration to GoReleaser's own schema.
func TestGoReleaserSchema(t *testing.T) {
	file, err := os.Open("testdata/goreleaser.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	parsed, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("goreleaser.json", parsed); err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal([]byte(sourceFile(t, ".goreleaser.yaml")), &value); err != nil {
		t.Fatal(err)
	}
	if err := compiler.MustCompile("goreleaser.json").Validate(value); err != nil {
		t.Error(err)
	}
}

// TestOneBuild holds that the script whose digests the action has, and
// GoReleaser whose binaries it fetches, build the same.
func TestOneBuild(t *testing.T) {
	script := sourceFile(t, ".ci/build")
	var config struct {
		Builds []struct {
			Main, Binary                                        string
			Env, Flags, Ldflags, Goos, Goarch, Goamd64, Goarm64 []string
		}
	}
	if err := yaml.Unmarshal([]byte(sourceFile(t, ".goreleaser.yaml")), &config); err != nil {
		t.Fatal(err)
	}
	build := config.Builds[0]
	wants := slices.Concat(build.Flags, []string{build.Main, `-ldflags "` + strings.ReplaceAll(build.Ldflags[0], "{{ .Tag }}", "$version") + `"`,
		"GOAMD64=" + build.Goamd64[0], "GOARM64=" + build.Goarm64[0], "GOFLAGS=''", "GOEXPERIMENT=''", "CGO_ENABLED=0", "GOWORK=off", "rendergate_${os}_$arch$ext"})
	for _, goos := range build.Goos {
		for _, arch := range build.Goarch {
			wants = append(wants, goos+"/"+arch)
		}
	}
	for _, want := range wants {
		if !strings.Contains(script, want) {
			t.Errorf(".ci/build has no %s", want)
		}
	}
	if got := []string{"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT="}; !slices.Equal(build.Env, got) || build.Binary != "rendergate_{{ .Os }}_{{ .Arch }}" {
		t.Errorf("%+v", build)
	}
}

// TestWorkflowsPinActions holds that every action but our own is named by a
// commit, with its version beside it.
func TestWorkflowsPinActions(t *testing.T) {
	names, err := filepath.Glob("../../docs/workflows/*.yml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, name := range append(names, "../../.ci/release.yml") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`uses: (.+)`).FindAllStringSubmatch(string(data), -1) {
			if !pinned.MatchString(found[1]) && !strings.HasPrefix(found[1], "rendergate/rendergate") && !strings.HasPrefix(found[1], "./") {
				t.Errorf("%s: %s", name, found[1])
			}
		}
	}
}
